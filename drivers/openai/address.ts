import { InputError } from "../../core/errors/index.ts";

/** A teacher's base URL, taken apart into what the client needs. */
export interface TeacherAddress {
  /** Without query, fragment or trailing slash. */
  readonly baseUrl: string;
  /** Sent with every request (Azure wants `api-version`). */
  readonly query: Record<string, string>;
}

/** Throws InputError for a URL that carries a user name or password: those would end up in logs. */
export function parseAddress(baseUrl: string): TeacherAddress {
  const url = new URL(baseUrl);
  if (url.username !== "" || url.password !== "") {
    throw new InputError("config_invalid", `teacher.baseUrl holds a user name or password (host ${url.host}).`, {
      hint: "Leave them out of the URL, put the key into an environment variable and name that in teacher.apiKeyEnv.",
    });
  }
  const query = Object.fromEntries(url.searchParams);
  return { baseUrl: `${url.origin}${url.pathname}`.replace(/\/+$/, ""), query };
}
