import type { ClientError } from "../client/client-error.ts";
import type { EventStream } from "../client/event-stream.ts";
import { createEventStream } from "../client/event-stream.ts";
import type { Call } from "./call.ts";
import { errorResponse } from "./error-response.ts";
import { freshId } from "./fresh-id.ts";
import type { LiveBody } from "./live-body.ts";
import { createLiveAnswer } from "./live-body.ts";

/** Where a streamed answer leaves the gateway. Until it is opened an error is still an HTTP error, which clients act upon best. */
export interface Outlet {
  readonly response: Promise<Response>;
  readonly events: EventStream;
  readonly isOpen: boolean;
  isFull(): boolean;
  /** Answers 200; from here on errors are events. */
  open(): void;
  /** Sends what was written, in one piece. Returns a promise when the client is behind: wait for it before writing more. */
  flush(): Promise<void> | null;
  end(): void;
  /** Null: the client is gone. */
  fail(error: ClientError | null): void;
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // For nginx and what follows its example: no buffering.
  "x-accel-buffering": "no",
};

export function createOutlet(call: Call, model: string): Outlet {
  const { promise, resolve } = Promise.withResolvers<Response>();
  let pending = "";
  let body: LiveBody | null = null;
  const events = createEventStream({ id: `msg_${freshId()}`, model }, (sse) => {
    pending += sse;
  });

  const open = (): void => {
    if (body !== null) return;
    outlet.isOpen = true;
    const init = { status: 200, headers: { ...STREAM_HEADERS, "request-id": call.requestId } };
    const answer = createLiveAnswer(init, () => call.stop("client-gone"));
    body = answer.body;
    events.start();
    resolve(answer.response);
  };
  const flush = (): Promise<void> | null => {
    if (body === null) return null;
    if (pending !== "") {
      const sse = pending;
      pending = "";
      if (call.exchange !== null) call.exchange.reply += sse;
      body.write(sse);
    }
    return body.isFull ? body.drained() : null;
  };

  const outlet: { -readonly [K in keyof Outlet]: Outlet[K] } = {
    response: promise,
    events,
    isOpen: false,
    isFull: () => body?.isFull ?? false,
    open,
    flush,
    end: () => {
      open();
      void flush();
      body?.end();
    },
    fail: (error) => {
      if (error === null) {
        body?.cut();
        resolve(new Response(null, { status: 499 }));
      } else if (body === null) {
        call.status = error.status;
        resolve(errorResponse("messages", error, call.requestId));
      } else {
        events.fail(error);
        void flush();
        body.end();
      }
    },
  };
  return outlet;
}
