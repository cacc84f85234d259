import { InputError } from "../../core/errors/index.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The address of a control API without a slash at its end. InputError("usage"): a key goes nowhere unencrypted but to this machine. */
export function addressOf(given: string): string {
  const url = URL.parse(given.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw refused(
      `found ${JSON.stringify(given.slice(0, 200))}; allowed: an https address, such as https://abc123.execute-api.eu-west-1.amazonaws.com/serac`,
    );
  }
  if (url.username !== "" || url.password !== "") throw refused("found a user name or password in the address; the key is sent by itself");
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname))
    throw refused(`${url.origin} would be sent the key unencrypted; allowed: https`);
  // People copy the address of a route, or of a version.
  const path = url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
  return `${url.origin}${path}`;
}

const refused = (why: string): InputError =>
  new InputError("usage", `The address of the control API: ${why}.`, {
    hint: "Give --api URL, or set SERAC_API. The stack prints it as ApiUrl.",
  });
