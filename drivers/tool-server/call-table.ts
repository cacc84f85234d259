import { createHash } from "node:crypto";

/** What is to be done, once: gets a signal that tells when its caller wants no result any more. Never rejects. */
export type Work = (signal: AbortSignal) => Promise<Buffer>;

export type CallState =
  | { readonly is: "running" }
  | { readonly is: "finished"; readonly result: Buffer }
  /** Its result arrived, or so many came after it that it was let go. It is never done again. */
  | { readonly is: "forgotten" }
  | { readonly is: "unknown" }
  /** The id belongs to another request. */
  | { readonly is: "other" };

export interface CallTable {
  /** Starts the work unless a call of that id was there before. */
  start(id: string, request: Buffer, work: Work): "started" | "known" | "other" | "full";
  /** Resolves as soon as the call is finished, or after `waitMs`. */
  look(id: string, waitMs: number): Promise<CallState>;
  /** Resolves when the work has ended, or after `waitMs`. */
  abort(id: string, waitMs: number): Promise<void>;
  /** The results have arrived. */
  forget(ids: readonly string[]): void;
  /** Ends everything that runs. */
  close(): void;
}

export interface CallTableOptions {
  readonly maxRunning: number;
  /** Of results that nobody has said to have received. */
  readonly maxKept: number;
  readonly maxKeptBytes: number;
  /** Calls in a lifetime; more are refused, since their ids could not be remembered. */
  readonly maxCalls: number;
}

interface Call {
  readonly digest: string;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  state: "running" | "forgotten" | Buffer;
  isUnwanted: boolean;
}

/** Remembers every id, so that a request which comes late or twice does nothing. */
export function createCallTable(options: CallTableOptions): CallTable {
  const calls = new Map<string, Call>();
  const kept = new Set<string>();
  let running = 0;
  let keptBytes = 0;

  const finish = (id: string, call: Call, result: Buffer): void => {
    running--;
    call.state = call.isUnwanted ? "forgotten" : result;
    if (call.isUnwanted) return;
    kept.add(id);
    keptBytes += result.length;
    for (const oldest of kept) {
      if ((kept.size <= options.maxKept && keptBytes <= options.maxKeptBytes) || oldest === id) break;
      forgetOne(oldest);
    }
  };
  const forgetOne = (id: string): void => {
    const call = calls.get(id);
    if (call === undefined) return;
    if (call.state === "running") call.isUnwanted = true;
    if (!Buffer.isBuffer(call.state)) return;
    keptBytes -= call.state.length;
    kept.delete(id);
    call.state = "forgotten";
  };

  return {
    start(id, request, work) {
      const digest = createHash("sha256").update(request).digest("base64");
      const known = calls.get(id);
      if (known !== undefined) return known.digest === digest ? "known" : "other";
      if (running >= options.maxRunning || calls.size >= options.maxCalls) return "full";
      running++;
      const controller = new AbortController();
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const call: Call = { digest, controller, ended, state: "running", isUnwanted: false };
      calls.set(id, call);
      void work(controller.signal).then((result) => {
        finish(id, call, result);
        resolve();
      });
      return "started";
    },
    async look(id, waitMs) {
      const call = calls.get(id);
      if (call === undefined) return { is: "unknown" };
      if (call.state === "running") await endOrTime(call.ended, waitMs);
      const { state } = call;
      return Buffer.isBuffer(state) ? { is: "finished", result: state } : { is: state };
    },
    async abort(id, waitMs) {
      const call = calls.get(id);
      if (call === undefined) {
        // Its request may still be on the way.
        if (calls.size < options.maxCalls) calls.set(id, neverStarted());
        return;
      }
      call.controller.abort(new Error("The call was aborted."));
      await endOrTime(call.ended, waitMs);
    },
    forget: (ids) => ids.forEach(forgetOne),
    close() {
      for (const call of calls.values()) call.controller.abort(new Error("The server is closed."));
    },
  };
}

function neverStarted(): Call {
  return { digest: "", controller: new AbortController(), ended: Promise.resolve(), state: "forgotten", isUnwanted: true };
}

async function endOrTime(ended: Promise<void>, waitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  await Promise.race([ended, promise]);
  clearTimeout(timer);
}
