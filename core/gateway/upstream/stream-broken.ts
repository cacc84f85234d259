import type { ClientError } from "../client/client-error.ts";
import type { Overflow } from "./refusal.ts";

/** An answer that came to no good end: cut, refused in its midst, or none that can be read. Its `cause` is what was caught, if anything. */
export class StreamBroken extends Error {
  readonly error: ClientError;
  /** Where the server found the prompt too long after it had answered 200. */
  readonly overflow: Overflow | null;

  constructor(error: ClientError, options: { readonly overflow?: Overflow | null; readonly cause?: unknown } = {}) {
    super(error.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StreamBroken";
    this.error = error;
    this.overflow = options.overflow ?? null;
  }
}

/** A fault of the model server's answer itself; the same request may well succeed. */
export const brokenAnswer = (message: string, cause?: unknown): StreamBroken =>
  new StreamBroken({ status: 502, type: "api_error", message, retryAfterSeconds: null, shouldRetry: null }, { cause });
