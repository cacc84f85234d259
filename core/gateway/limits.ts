import type { KeyRecord } from "./keys.ts";

/** The port that counts what keys use. */
export interface Limiter {
  /** Counts one request. A number is the seconds after which the key may try again. */
  admit(key: KeyRecord): Promise<"admitted" | { readonly retryAfterSeconds: number }>;
  /** Counts the tokens of an answered request. */
  use(key: KeyRecord, tokens: number): Promise<void>;
}
