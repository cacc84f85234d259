/** The types that the Messages API's errors have, each with the status that goes with it. */
export type ClientErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "not_found_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error";

/** An error as a client of the Messages API understands it. The message is for the person: no stack, no key, no address with one. */
export interface ClientError {
  readonly status: number;
  readonly type: ClientErrorType;
  readonly message: string;
  readonly retryAfterSeconds: number | null;
  /** Overrides the client's own judgement, which goes by the status; null leaves it alone. */
  readonly shouldRetry: boolean | null;
}

/** The JSON text of an error response. */
export function errorBody(error: ClientError, requestId: string): string {
  return `{"type":"error","error":${errorJson(error)},"request_id":${JSON.stringify(requestId)}}`;
}

/** Of an error response; the retry headers are left out where there is nothing to say. */
export function errorHeaders(error: ClientError): Record<string, string> {
  return {
    "content-type": "application/json",
    ...(error.retryAfterSeconds === null ? {} : { "retry-after": String(Math.ceil(error.retryAfterSeconds)) }),
    ...(error.shouldRetry === null ? {} : { "x-should-retry": String(error.shouldRetry) }),
  };
}

/** The error as it stands in a body and in an `error` event. */
export const errorJson = (error: ClientError): string => JSON.stringify({ type: error.type, message: error.message });
