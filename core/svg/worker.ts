import { PausedError, SeracError } from "../errors/index.ts";
import { advance, type AdvanceDeps } from "./advance.ts";
import type { ReceivedTask, TaskQueue } from "./queue.ts";

export interface WorkerOptions extends Omit<AdvanceDeps, "signal"> {
  readonly queue: string;
  /** Rollouts at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Asked about once a second: a reason to stop that came from outside, such as `serac cancel`. */
  readonly shouldStop: () => Promise<boolean>;
}

/** A task that nobody extends comes back after this long. */
const VISIBILITY_MS = 60_000;
const IDLE_MS = 25;
const BUSY_RETRY_MS = 1_000;

/**
 * Works the queue with `concurrency` slots until it is empty, then returns. The first error that concerns the whole run
 * stops every slot (each at its next checkpoint) and is thrown when all have stopped.
 */
export async function work(options: WorkerOptions): Promise<void> {
  const { platform, queue } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let fatal: unknown = null;

  const slot = async (): Promise<void> => {
    while (!signal.aborted) {
      const [task] = await platform.queue.receive(queue, 1, VISIBILITY_MS);
      if (task === undefined) {
        const { waiting, inFlight } = await platform.queue.depth(queue);
        if (waiting + inFlight === 0) return;
        await platform.clock.sleep(waiting > 0 ? IDLE_MS * 4 : IDLE_MS * 10, signal).catch(() => {});
        continue;
      }
      try {
        await workTask(task, { ...options, signal });
      } catch (error) {
        fatal ??= error;
        stop.abort(error);
      }
    }
  };

  const watching = watch(options, stop, signal);
  await Promise.all(Array.from({ length: options.concurrency }, slot));
  stop.abort();
  await watching;
  if (fatal !== null) throw fatal;
  if (options.signal.aborted) throw stopReason(options.signal);
}

function stopReason(signal: AbortSignal): unknown {
  return signal.reason instanceof SeracError ? signal.reason : new PausedError("interrupted", "The run was interrupted.");
}

async function workTask(task: ReceivedTask, options: WorkerOptions): Promise<void> {
  const { platform } = options;
  const extending = keepInvisible(platform.queue, task, options);
  try {
    const outcome = await advance(task.body, options, Number.POSITIVE_INFINITY);
    // A new task and not a retry: waiting for another worker is no failure that should count towards the dead letters. It is there before
    // the old one goes, so that a worker that dies in between leaves a task too many and never one too few.
    if (outcome !== "done") await platform.queue.enqueue(task.queue, [{ ...task, delayMs: outcome === "busy" ? BUSY_RETRY_MS : 0 }]);
    await platform.queue.acknowledge(task);
  } finally {
    await extending.stop();
  }
}

function keepInvisible(queue: TaskQueue, task: ReceivedTask, options: WorkerOptions): { stop: () => Promise<void> } {
  const stopped = new AbortController();
  const extend = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await options.platform.clock.sleep(VISIBILITY_MS / 3, stopped.signal);
      if (!(await queue.extend(task, VISIBILITY_MS))) return;
    }
  };
  const extending = extend().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });
  return {
    stop: async () => {
      stopped.abort();
      await extending;
    },
  };
}

async function watch(options: WorkerOptions, stop: AbortController, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await options.platform.clock.sleep(1000, signal);
    } catch {
      return;
    }
    if (await options.shouldStop()) stop.abort(new SeracError("interrupted", "The run was cancelled."));
  }
}
