import type { ClientError, ClientErrorType } from "../client/client-error.ts";
import { failureOf } from "../upstream/refusal.ts";
import { StreamBroken } from "../upstream/stream-broken.ts";
import { UpstreamError } from "../upstream/upstream.ts";

/** Ends a request with an error that its client understands. */
export class Problem extends Error {
  readonly error: ClientError;

  constructor(error: ClientError) {
    super(error.message);
    this.name = "Problem";
    this.error = error;
  }
}

type Retry = Partial<Pick<ClientError, "retryAfterSeconds" | "shouldRetry">>;

export const clientError = (status: number, type: ClientErrorType, message: string, retry: Retry = {}): ClientError => ({
  status,
  type,
  message,
  retryAfterSeconds: null,
  shouldRetry: null,
  ...retry,
});

export const problem = (...error: Parameters<typeof clientError>): Problem => new Problem(clientError(...error));

/** What a client is told of anything that was thrown; null for a fault of the gateway itself, of which it learns nothing. */
export function knownError(thrown: unknown): ClientError | null {
  if (thrown instanceof Problem || thrown instanceof StreamBroken) return thrown.error;
  if (thrown instanceof UpstreamError) return failureOf(thrown);
  return null;
}

export const DEFECT = clientError(500, "api_error", "The gateway failed on this request. Its operator finds the request id in the log.");
