import type { Dispatcher } from "undici";
import type { UpstreamResponse } from "../../core/gateway/upstream/upstream.ts";
import { UpstreamError } from "../../core/gateway/upstream/upstream.ts";
import { createByteQueue } from "./byte-queue.ts";
import { upstreamErrorOf } from "./line-error.ts";

export interface Answer {
  readonly handler: Dispatcher.DispatchHandler;
  readonly response: Promise<UpstreamResponse>;
  fail(error: UpstreamError): void;
}

/** A reader that has seen the last event leaves; a moment later the answer ends, and the connection can serve the next request. */
const LINGER_MS = 100;

/** One answer on undici's callbacks: its status as a promise, its body as a queue that holds the server back when nobody reads. */
export function createAnswer(signal: AbortSignal): Answer {
  const { promise, resolve, reject } = Promise.withResolvers<UpstreamResponse>();
  let connection: Dispatcher.DispatchController | null = null;
  let isOver = false;
  let lingering: NodeJS.Timeout | undefined;

  const body = createByteQueue({
    pause: () => connection?.pause(),
    resume: () => connection?.resume(),
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
    const error = new UpstreamError("aborted", why);
    fail(error);
    connection?.abort(error);
  };
  function linger(): void {
    connection?.resume();
    lingering = setTimeout(() => close("The answer was left."), LINGER_MS);
  }
  const giveUp = (): void => close("The request was given up.");
  signal.addEventListener("abort", giveUp);

  return {
    response: promise,
    fail,
    handler: {
      onRequestStart: (controller) => {
        connection = controller;
        // The abort may have come while the connection was still made.
        if (isOver) controller.abort(new UpstreamError("aborted", "The request was given up."));
      },
      onResponseStart: (_, status, headers) => {
        if (status >= 200) resolve({ status, headers: readHeaders(headers), body });
      },
      onResponseData: (_, chunk) => body.push(chunk),
      onResponseEnd: () => {
        settle();
        body.end();
      },
      onResponseError: (_, error) => fail(upstreamErrorOf(error)),
    },
  };
}

function readHeaders(incoming: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}
