import type { GatewayDeps } from "../deps.ts";
import type { KeyRecord } from "../keys.ts";
import { problem } from "./problem.ts";

/**
 * The record of the key that a request carries; null where the gateway has no keys. A 401 says `x-should-retry: false`: without it
 * Claude Code asks again for minutes (seven times in 40 s, 2.1.329), with it the message is shown at once.
 */
export async function authenticate({ keys }: GatewayDeps, headers: Headers): Promise<KeyRecord | null> {
  if (keys === null) {
    refuseWebPages(headers);
    return null;
  }
  const key = keyOf(headers);
  if (key === null) throw refused("This gateway wants a key, in x-api-key or as a Bearer token.");
  const record = await keys.find(key);
  if (record === null) throw refused("This gateway does not know the key that was sent.");
  if (record.isRevoked) throw refused("The key that was sent has been revoked.");
  return record;
}

/** Throws a 429 before anything is spent. */
export async function admit({ limiter }: GatewayDeps, key: KeyRecord | null): Promise<void> {
  if (key === null) return;
  const verdict = await limiter.admit(key);
  if (verdict === "admitted") return;
  const { retryAfterSeconds } = verdict;
  throw problem(429, "rate_limit_error", `This key has used up its limit. It may try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}

const refused = (message: string) => problem(401, "authentication_error", message, { shouldRetry: false });

function keyOf(headers: Headers): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "");
  return headers.get("x-api-key") ?? bearer?.[1] ?? null;
}

/** Without keys, a page in the user's browser must not reach the gateway either, by another name for this machine's address for example. */
function refuseWebPages(headers: Headers): void {
  if (headers.has("origin"))
    throw problem(403, "permission_error", "A gateway without keys does not answer to web pages.", { shouldRetry: false });
}
