import { ConflictError, InputError, SandboxError } from "../errors/index.ts";
import { loadRun } from "../svg/pipeline/load.ts";
import { enqueueOpenSamples } from "../svg/pipeline/open-samples.ts";
import { prepareRun } from "../svg/pipeline/prepare.ts";
import { reopenFailed } from "../svg/pipeline/retry-failed.ts";
import { stopFor } from "../svg/pipeline/stop.ts";
import type { RunRecord } from "../svg/store.ts";
import { keepArchive } from "./archive.ts";
import { tellRun } from "./drops/tell-run.ts";
import { forgiveFaults } from "./faults.ts";
import { prepareTaskOf, type PrepareMessage } from "./messages.ts";
import { finishIfDone } from "./finish-if-done.ts";
import type { ControlPlatform, Workshop } from "./platform.ts";
import { openArchive } from "./open-archive.ts";
import { detailOf, stopRun } from "./stop-run.ts";

export interface TaskOptions {
  /** Milliseconds since the epoch; nothing new is begun after it. */
  readonly deadlineMs: number;
  /** Aborts what is under way; there is just time left to write it down. */
  readonly signal: AbortSignal;
}

/** `running`: every sample has its task. `continue`: the rest is in another task. `stopped`: the user has to do something. */
export type PrepareOutcome = "running" | "continue" | "stopped" | "dropped";

const OWNER = "prepare";
const SUCCESSOR_DELAY_MS = 1_000;

/**
 * One task of the queue `prepare`: everything from the archive to the samples' tasks, as far as the deadline allows. What lies in the
 * user's hands fails the run; what is thrown has to be received again, and in the end is a dead letter.
 */
export async function prepareTask(
  platform: ControlPlatform,
  workshop: Workshop,
  message: PrepareMessage,
  options: TaskOptions,
): Promise<PrepareOutcome> {
  const run = await loadRun(platform.store, message.runId);
  if (run.state === "running" && message.enqueueAfter !== null) return giveTasks(platform, run, message.enqueueAfter, options);
  if (run.state === "preparing" && message.enqueueAfter !== null && run.planned > 0 && run.sandbox !== null) {
    return giveTasks(platform, await setRunning(platform, run.id), message.enqueueAfter, options);
  }
  // Running, and nothing to give out: this task was received before, and its successor is there.
  if (run.state !== "preparing") return "dropped";
  try {
    return await prepare(platform, workshop, run, message, options);
  } catch (error) {
    // Cancelled in the meantime.
    if (error instanceof ConflictError && (await loadRun(platform.store, run.id)).state !== "preparing") return "dropped";
    const stop = stopFor(error);
    const isFailure = stop instanceof InputError || (stop instanceof SandboxError && stop.code === "sandbox_install_failed");
    if (!isFailure && stop === error) throw await noted(platform, run, error);
    await stopRun(platform, run.id, ["preparing"], isFailure ? "failed" : "paused", stop);
    return "stopped";
  }
}

async function prepare(
  platform: ControlPlatform,
  workshop: Workshop,
  found: RunRecord,
  message: PrepareMessage,
  { deadlineMs, signal }: TaskOptions,
): Promise<PrepareOutcome> {
  const next = (from: Partial<PrepareMessage>, delayMs = 0) =>
    platform.queue.enqueue("prepare", [{ ...prepareTaskOf({ ...message, isTeacherKnown: true, ...from }), delayMs }]);
  let run = found;
  try {
    if (!message.isTeacherKnown) run = await askTeacher(platform, workshop, run, signal);
    run = await keepArchive(platform, run, signal);
    const repository = openArchive(platform, workshop, run, signal);
    try {
      const prepared = await prepareRun({ ...platform, sandbox: await workshop.sandbox() }, run, {
        repository,
        sandboxDirectory: run.id,
        nextIndex: message.nextIndex,
        deadlineMs,
        signal,
        onEvent: () => {},
      });
      run = prepared.run;
      if (prepared.outcome === "continue") {
        await next({ nextIndex: prepared.nextIndex });
        return "continue";
      }
    } finally {
      await repository.close();
    }
  } catch (error) {
    // Time was up in the middle of a part. Whoever achieved nothing at all would not the next time either.
    const now = signal.aborted ? await loadRun(platform.store, run.id) : run;
    if (!signal.aborted || now.updatedAt === found.updatedAt) throw error;
    await next({});
    return "continue";
  }
  if (message.retryAfter !== null) {
    const { nextAfter } = await reopenFailed(platform, run.id, OWNER, { afterIndex: message.retryAfter, deadlineMs });
    if (nextAfter !== null) {
      await next({ nextIndex: run.planned, retryAfter: nextAfter });
      return "continue";
    }
  }
  await forgiveFaults(platform, run.id);
  // The successor first: a run that is running without one would stand still. It waits until the run is running, or sees to that itself.
  await next({ nextIndex: run.planned, retryAfter: null, enqueueAfter: -1 }, SUCCESSOR_DELAY_MS);
  await setRunning(platform, run.id);
  return "continue";
}

async function setRunning(platform: ControlPlatform, runId: string): Promise<RunRecord> {
  const run = await platform.store.changeRun(runId, ["preparing", "running"], { state: "running", detail: null });
  await tellRun(platform, runId);
  return run;
}

/** Before anything is unpacked or built: a wrong address, model or key is the user's to mend. */
async function askTeacher(platform: ControlPlatform, workshop: Workshop, run: RunRecord, signal: AbortSignal): Promise<RunRecord> {
  const teacher = await workshop.teacher(run.config.teacher!);
  const { rehearsal } = await teacher.probe(signal);
  return platform.store.changeRun(run.id, ["preparing"], { rehearsal });
}

async function giveTasks(
  platform: ControlPlatform,
  run: RunRecord,
  afterIndex: number,
  { deadlineMs }: TaskOptions,
): Promise<PrepareOutcome> {
  const rest = await enqueueOpenSamples(platform, run.id, "work", { afterIndex, deadlineMs });
  if (rest !== null) {
    await platform.queue.enqueue("prepare", [
      prepareTaskOf({ runId: run.id, nextIndex: run.planned, isTeacherKnown: true, enqueueAfter: rest }),
    ]);
    return "continue";
  }
  await finishIfDone(platform, run.id);
  return "running";
}

/** The last error stands on the run, for the case that no later try brings a better one. */
async function noted(platform: ControlPlatform, run: RunRecord, error: unknown): Promise<unknown> {
  await platform.store.changeRun(run.id, ["preparing"], { detail: detailOf(error) }).catch(() => {});
  return error;
}
