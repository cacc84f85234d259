import { Worker } from "node:worker_threads";
import type { Reply, Task, TaskResult } from "./protocol.ts";

declare const SERAC_BUNDLE: boolean | undefined;

/**
 * Parsers in a thread of their own: source code is hostile input, and some of it makes a generated parser run for hours,
 * run out of memory or break. Then the thread is ended and the file is named; the next task gets a new thread.
 */
export interface ParserThread {
  /** One task at a time, in order. */
  run(task: Task): Promise<TaskResult>;
  close(): Promise<void>;
}

export interface ParserThreadOptions {
  /** For one file. Ordinary files take milliseconds, the largest allowed ones under a second. */
  readonly limitMs?: number;
}

const DEFAULT_LIMIT_MS = 30_000;
/** WebAssembly keeps the memory that one large file needed; beyond this a new thread is cheaper. */
const RECYCLE_BYTES = 256 * 1024 * 1024;
const HEAP_MB = 1024;
const YOUNG_HEAP_MB = 4;

export function createParserThread(options: ParserThreadOptions = {}): ParserThread {
  const limitMs = options.limitMs ?? DEFAULT_LIMIT_MS;
  let worker: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  async function end(): Promise<void> {
    const ended = worker;
    worker = null;
    // Whoever awaits this has nothing else to keep the process alive for the end of an unreferenced thread.
    ended?.ref();
    await ended?.terminate();
  }

  async function give(task: Task): Promise<TaskResult> {
    if (isClosed) throw new Error("the survey's parser is closed");
    worker ??= startWorker();
    const reply = await ask(worker, task, limitMs);
    if (reply === null || reply.result === null || reply.memoryBytes > RECYCLE_BYTES) await end();
    return reply?.result ?? { kind: "skipped", reason: "parser gave up" };
  }

  return {
    run: (task) => {
      const result = last.then(() => give(task));
      last = result.catch(() => {});
      return result;
    },
    close: async () => {
      isClosed = true;
      await end();
    },
  };
}

/** Null: no answer in time, or the thread died. A thread keeps the process alive only while it has a task. */
function ask(worker: Worker, task: Task, limitMs: number): Promise<Reply | null> {
  return new Promise((resolve) => {
    const finish = (reply: Reply | null): void => {
      clearTimeout(timer);
      worker.off("message", finish);
      worker.off("error", fail);
      worker.off("exit", fail);
      worker.unref();
      resolve(reply);
    };
    const fail = (): void => finish(null);
    const timer = setTimeout(fail, limitMs);
    worker.on("message", finish);
    worker.on("error", fail);
    worker.on("exit", fail);
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(task);
  });
}

function startWorker(): Worker {
  const isBundled = typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE;
  // In the published package the thread's code is a bundle of its own beside the CLI's.
  const worker = new Worker(new URL(isBundled ? "./survey-worker.js" : "./worker.ts", import.meta.url), {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    stdout: true,
    stderr: true,
  });
  // Between two tasks nobody else listens, and an `error` without a listener would end the process.
  worker.on("error", () => {});
  return worker;
}
