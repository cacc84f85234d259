import { InputError } from "../../core/errors/index.ts";

/** What an address may have at its end: people copy it from a client's settings or from a server's log. */
const API_PATH = /\/v1\/?$/;

/** Origin and path prefix of `http://host:8000`, `http://host:8000/v1`, `https://host/prefix/v1/`, without `/v1` and a slash at the end. */
export function rootOf(flag: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    const hint = /^[\w.-]+:\d+/.test(address)
      ? `Did you mean http://${address}?`
      : "For example http://127.0.0.1:8000 or https://models.example/v1.";
    throw new InputError("usage", `${flag}: found ${shown(url, address)}; allowed: an http or https address.`, { hint });
  }
  if (url.username !== "" || url.password !== "") {
    throw new InputError("usage", `${flag}: the address holds a user name or password (host ${url.host}).`, {
      hint: "Put the key into an environment variable and name that with the flag for keys.",
    });
  }
  if (url.search !== "" || url.hash !== "") {
    throw new InputError(
      "usage",
      `${flag}: the address of ${url.host} has something behind a ? or #; allowed: scheme, host, port and path.`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(API_PATH, "").replace(/\/+$/, "");
}

/** An address that is none may hold anything; a password in it is not shown. */
function shown(url: URL | null, address: string): string {
  if (url !== null && (url.username !== "" || url.password !== "")) return `${url.protocol}//… (not shown: it holds a password)`;
  return JSON.stringify(/@/.test(address) ? "…" : address.slice(0, 100));
}

/** Whether a host name means this machine alone. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
