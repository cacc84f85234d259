import type { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { type LiveBody, liveBodyOf } from "../core/gateway/app/live-body.ts";
import { requestOf, type RestEvent } from "./rest-event.ts";

type StreamingHandler = (event: RestEvent, stream: Writable) => Promise<void>;

/**
 * What Lambda's runtime puts into the globals of a Node function. The stream is a request to the runtime's own API; status and headers
 * go out with its first write; a handler that throws ends it with a trailer that tells of the error
 * (aws/aws-lambda-nodejs-runtime-interface-client, src/stream and src/runtime).
 */
declare const awslambda: {
  streamifyResponse(handler: StreamingHandler): StreamingHandler;
  readonly HttpResponseStream: {
    from(stream: Writable, head: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> }): Writable;
  };
};

export interface StreamedOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** What is still under way when a request has been answered: a function may be frozen as soon as its handler is done. */
  readonly settled: () => Promise<void>;
}

/**
 * A function that streams its answers. When the stream breaks, so does the work for the request: `request.signal` aborts. Not hono's
 * own adapter, which goes on reading the answer until it ends.
 */
export const streamed = ({ fetch, settled }: StreamedOptions): StreamingHandler =>
  awslambda.streamifyResponse(async (event, stream) => {
    const gone = new AbortController();
    stream.on("error", () => gone.abort(GONE));
    stream.once("close", () => gone.abort(GONE));
    try {
      const response = await answer(fetch, event, gone.signal);
      const out = awslambda.HttpResponseStream.from(stream, {
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
      });
      const live = liveBodyOf(response);
      if (live === null) {
        out.write(new Uint8Array(await response.arrayBuffer()));
        out.end();
      } else await pass(live, out, gone.signal);
    } finally {
      // Whoever is told that a stream has ended or broken writes it down now.
      await setImmediate();
      await settled();
    }
  });

const GONE = new Error("The stream to the client is closed.");

async function answer(fetch: StreamedOptions["fetch"], event: RestEvent, signal: AbortSignal): Promise<Response> {
  let request: Request;
  try {
    request = requestOf(event, signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new Response("The request's path, method or headers are not valid.\n", { status: 400 });
  }
  return fetch(request);
}

/** Resolves when the answer has ended or nobody takes it any more. Rejects when it is broken off, so that it is taken for no whole one. */
function pass(live: LiveBody, out: Writable, gone: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = (): void => {
    live.leave();
    resolve();
  };
  gone.addEventListener("abort", leave, { once: true });
  out.on("drain", () => live.resume());
  // A client wants the status also when the first word is still to come.
  out.write("");
  live.attach({
    write: (data) => out.write(data),
    end: () => {
      out.end();
      resolve();
    },
    cut: () => reject(new Error("The answer was broken off.")),
  });
  if (gone.aborted) leave();
  return promise;
}
