import { Worker } from "node:worker_threads";
import type { Job, Reply } from "./protocol.ts";

declare const SERAC_BUNDLE: boolean | undefined;

/** A job's thread was ended under it; its changes are lost. */
export type Killed = { readonly kind: "killed"; readonly why: "timeout" | "memory" | "crash"; readonly cause?: unknown };

export interface WorkerPool {
  /** `limitMs` counts from the moment that a thread takes the job. Rejects with the signal's reason when aborted. */
  run(job: Job, limitMs: number, signal?: AbortSignal): Promise<Reply | Killed>;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: Job;
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (reply: Reply | Killed) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads start when they are needed and never keep the process alive by themselves. */
export function createWorkerPool(options: { readonly size: number; readonly heapMb: number }): WorkerPool {
  const waiting: Waiting[] = [];
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let isClosed = false;

  function start(): Worker {
    const worker = new Worker(workerUrl(), {
      env: {},
      // Flags of the process (--trace-gc, --inspect) are not for threads, and some make them fail.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.heapMb },
      stdout: true,
      stderr: true,
    });
    all.add(worker);
    worker.unref();
    worker.on("error", () => {});
    worker.once("exit", () => {
      all.delete(worker);
      const at = idle.indexOf(worker);
      if (at !== -1) idle.splice(at, 1);
    });
    return worker;
  }

  function pump(): void {
    while (idle.length > 0 || all.size < options.size) {
      const next = waiting.shift();
      if (next === undefined) return;
      if (next.signal?.aborted === true) next.reject(next.signal.reason);
      else give(idle.pop() ?? start(), next);
    }
  }

  function give(worker: Worker, { job, limitMs, signal, resolve, reject }: Waiting): void {
    let why: Killed["why"] = "crash";
    let cause: unknown;
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      worker.unref();
    };
    const onMessage = (reply: Reply): void => {
      finish();
      idle.push(worker);
      resolve(reply);
      pump();
    };
    const onError = (error: unknown): void => {
      cause = error;
      if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") why = "memory";
    };
    const onExit = (): void => {
      finish();
      all.delete(worker);
      if (signal?.aborted === true) reject(signal.reason);
      else resolve({ kind: "killed", why, cause });
      pump();
    };
    const abort = (): void => void worker.terminate();
    const timer = setTimeout(() => {
      why = "timeout";
      abort();
    }, limitMs);
    signal?.addEventListener("abort", abort, { once: true });
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(job);
  }

  return {
    run: (job, limitMs, signal) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error("the virtual shell is closed"));
        waiting.push({ job, limitMs, signal, resolve, reject });
        pump();
      }),
    close: async () => {
      isClosed = true;
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

/** In the published package the thread's code is a bundle of its own beside the CLI's. */
function workerUrl(): URL {
  const isBundled = typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE;
  return new URL(isBundled ? "./virtual-bash-worker.js" : "./worker.ts", import.meta.url);
}
