import type { ClientRequest, IncomingMessage } from "node:http";
import type { UpstreamResponse } from "../../core/gateway/upstream/upstream.ts";
import { UpstreamError } from "../../core/gateway/upstream/upstream.ts";
import { createByteQueue } from "./byte-queue.ts";
import { upstreamErrorOf } from "./line-error.ts";

/** A reader that has seen the last event leaves; a moment later the answer ends, and the connection can serve the next request. */
const LINGER_MS = 100;

/** One answer: its status as a promise, its body as a queue that holds the server back when nobody reads. */
export function createAnswer(request: ClientRequest, signal: AbortSignal): Promise<UpstreamResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<UpstreamResponse>();
  let incoming: IncomingMessage | null = null;
  let isOver = false;
  let lingering: NodeJS.Timeout | undefined;

  const body = createByteQueue({
    pause: () => incoming?.pause(),
    resume: () => incoming?.resume(),
    leave: linger,
  });
  const settle = (): void => {
    isOver = true;
    clearTimeout(lingering);
    signal.removeEventListener("abort", giveUp);
  };
  const fail = (error: UpstreamError): void => {
    if (isOver) return;
    settle();
    reject(error);
    body.fail(error);
  };
  const close = (why: string): void => {
    if (isOver) return;
    fail(new UpstreamError("aborted", why));
    request.destroy();
  };
  function linger(): void {
    incoming?.resume();
    lingering = setTimeout(() => close("The answer was left."), LINGER_MS);
  }
  const giveUp = (): void => close("The request was given up.");
  signal.addEventListener("abort", giveUp);

  request.on("error", (error) => fail(upstreamErrorOf(error)));
  request.once("response", (response) => {
    incoming = response;
    response.on("data", (chunk: Uint8Array) => body.push(chunk));
    response.once("end", () => {
      settle();
      body.end();
    });
    // A body that ends too early, and one whose connection breaks.
    response.once("error", (error) => fail(upstreamErrorOf(error)));
    response.once("close", () => fail(upstreamErrorOf(new Error("The answer was cut off."))));
    resolve(new Answer(response, body));
  });
  return promise;
}

/** Headers are read when they are asked for: of an answer that is translated nobody asks, and they are many objects. */
class Answer implements UpstreamResponse {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage, body: AsyncIterable<Uint8Array>) {
    this.status = incoming.statusCode ?? 0;
    this.body = body;
    this.#incoming = incoming;
  }

  get headers(): Headers {
    return readHeaders(this.#incoming.headersDistinct);
  }
}

function readHeaders(incoming: Readonly<Record<string, string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming)) {
    if (values !== undefined) headers.set(name, values.join(", "));
  }
  return headers;
}
