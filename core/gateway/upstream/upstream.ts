/** The port to model servers. What is sent and what comes back is bytes: the gateway reads them itself. */
export interface Upstream {
  /**
   * Sends one request and resolves with the answer's status as soon as it is there; the body is still to come. Never follows
   * redirects. Rejects with UpstreamError when there is no answer. When `signal` aborts, the connection is closed at once, also
   * while the body is read.
   */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
}

export interface UpstreamRequest {
  readonly target: UpstreamTarget;
  readonly method: "GET" | "POST";
  /** Below the server's root, beginning with a slash: `/v1/chat/completions`, `/tokenize`. */
  readonly path: string;
  readonly body?: string | Uint8Array;
  /** Beside content-type and authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A server that is ready. */
export interface UpstreamTarget {
  /** Origin and path prefix without `/v1` and without a slash at the end. */
  readonly rootUrl: string;
  readonly apiKey: string | null;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Must be read to its end or left by `return`; either frees the connection. Throws UpstreamError when the line breaks. */
  readonly body: AsyncIterable<Uint8Array>;
}

export type UpstreamFailure = "refused" | "reset" | "timeout" | "tls" | "unreachable" | "aborted";

/** The model server gave no answer, or not all of one. */
export class UpstreamError extends Error {
  readonly failure: UpstreamFailure;

  constructor(failure: UpstreamFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "UpstreamError";
    this.failure = failure;
  }
}
