import { randomUUID } from "node:crypto";
import { ConflictError, InputError, SandboxError } from "../errors/index.ts";
import { holdLease } from "../svg/lease.ts";
import { isSurveyed } from "../svg/pipeline/survey.ts";
import { loadRun } from "../svg/pipeline/load.ts";
import { prepareRun } from "../svg/pipeline/prepare.ts";
import { reopenFailed } from "../svg/pipeline/retry-failed.ts";
import { stopFor } from "../svg/pipeline/stop.ts";
import type { RunRecord } from "../svg/store.ts";
import { keepArchive } from "./archive.ts";
import { tellRun } from "./drops/tell-run.ts";
import { forgiveFaults } from "./faults.ts";
import { finishTaskOf, prepareTaskOf, type PrepareMessage } from "./messages.ts";
import type { ControlPlatform, Workshop } from "./platform.ts";
import { openArchive } from "./open-archive.ts";
import { detailOf, stopRun } from "./stop-run.ts";
import { openWindow } from "./window.ts";

export interface TaskOptions {
  /** Milliseconds since the epoch; nothing new is begun after it. */
  readonly deadlineMs: number;
  /** Aborts what is under way; there is just time left to write it down. */
  readonly signal: AbortSignal;
}

/**
 * - `running`: the first samples have their tasks.
 * - `continue`: the rest is in another task.
 * - `stopped`: the user has to do something.
 * - `dropped`: the run is past this, or somebody else is at it.
 */
export type PrepareOutcome = "running" | "continue" | "stopped" | "dropped";

const OWNER = "prepare";
const LEASE_MS = 60_000;
/** By then the lease of somebody who died has ended. */
const SECOND_LOOK_MS = 75_000;

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
  if (message.isReady) return goOn(platform, run);
  // Running, and nothing to give out: this task was received before, and its successor is there.
  if (run.state !== "preparing") return "dropped";
  const lease = await platform.store.acquireLease(run.id, `${OWNER}-${randomUUID()}`, LEASE_MS);
  if (lease === null) return standBack(platform, message);
  const held = holdLease(platform.store, platform.clock, lease, LEASE_MS);
  try {
    const signal = AbortSignal.any([options.signal, held.signal]);
    let next: Partial<PrepareMessage>;
    try {
      next = await prepare(platform, workshop, run, message, { ...options, signal });
    } finally {
      // Before the next task is sent, or the user is told: whoever comes then would stand back otherwise.
      await held.release();
    }
    if (held.signal.aborted) return "dropped";
    await platform.queue.enqueue("prepare", [prepareTaskOf({ ...message, isTeacherKnown: true, isSecondLook: false, ...next })]);
    return "continue";
  } catch (error) {
    // Taken over, or cancelled in the meantime.
    if (held.signal.aborted) return "dropped";
    if (error instanceof ConflictError && (await loadRun(platform.store, run.id)).state !== "preparing") return "dropped";
    const stop = stopFor(error);
    const isFailure = stop instanceof InputError || (stop instanceof SandboxError && stop.code === "sandbox_install_failed");
    if (!isFailure && stop === error) throw await noted(platform, run, error);
    await stopRun(platform, run.id, ["preparing"], isFailure ? "failed" : "paused", stop);
    return "stopped";
  }
}

/** Two drops within moments, a message that came twice: one of them is enough. But the other may have died just now. */
async function standBack({ queue }: ControlPlatform, message: PrepareMessage): Promise<"dropped"> {
  if (!message.isSecondLook) {
    await queue.enqueue("prepare", [{ ...prepareTaskOf({ ...message, isSecondLook: true }), delayMs: SECOND_LOOK_MS }]);
  }
  return "dropped";
}

/** Does what there is time for. What the next task has to begin with. */
async function prepare(
  platform: ControlPlatform,
  workshop: Workshop,
  found: RunRecord,
  message: PrepareMessage,
  { deadlineMs, signal }: TaskOptions,
): Promise<Partial<PrepareMessage>> {
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
      if (prepared.outcome === "continue") return { nextIndex: prepared.nextIndex };
    } finally {
      await repository.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    // Time was up in the middle of a part. Whoever achieved nothing at all would not the next time either.
    const now = await loadRun(platform.store, run.id);
    if (now.updatedAt === found.updatedAt) throw await tooLong(platform, now, error);
    return {};
  }
  if (message.retryAfter !== null) {
    const { nextAfter } = await reopenFailed(platform, run.id, OWNER, { afterIndex: message.retryAfter, deadlineMs });
    if (nextAfter !== null) return { nextIndex: run.planned, retryAfter: nextAfter };
  }
  await forgiveFaults(platform, run.id);
  return { nextIndex: run.planned, retryAfter: null, isReady: true };
}

/** The survey is the one part that is not broken off and gone on with; what else takes long is done elsewhere or in batches. */
async function tooLong(platform: ControlPlatform, run: RunRecord, error: unknown): Promise<unknown> {
  if (run.sandbox === null || run.planned > 0 || (await isSurveyed(platform.artifacts, run.id))) return error;
  return new InputError("survey_too_long", `Reading the functions of ${run.repository} takes longer than a function may run.`, {
    hint: "Leave out what is not to be learnt from: with repo.include and repo.exclude in serac.yaml, or in the archive.",
    cause: error,
  });
}

/** The run is ready: its first samples get their tasks. Received twice it gives them again. */
async function goOn(platform: ControlPlatform, found: RunRecord): Promise<PrepareOutcome> {
  const isReady = found.state === "preparing" && found.planned > 0 && found.sandbox !== null;
  if (!isReady && found.state !== "running") return "dropped";
  const run = await setRunning(platform, found.id);
  if (run === null) return "dropped";
  const { open } = await openWindow(platform, run);
  if (open === 0) await platform.queue.enqueue("finish", [finishTaskOf(run.id)]);
  return "running";
}

/** Null when it was paused or cancelled in the meantime. */
async function setRunning(platform: ControlPlatform, runId: string): Promise<RunRecord | null> {
  try {
    const run = await platform.store.changeRun(runId, ["preparing", "running"], { state: "running", detail: null });
    await tellRun(platform, runId);
    return run;
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  }
}

/** Before anything is unpacked or built: a wrong address, model or key is the user's to mend. */
async function askTeacher(platform: ControlPlatform, workshop: Workshop, run: RunRecord, signal: AbortSignal): Promise<RunRecord> {
  const teacher = await workshop.teacher(run.config.teacher!);
  const { rehearsal } = await teacher.probe(signal);
  return platform.store.changeRun(run.id, ["preparing"], { rehearsal });
}

/** The last error stands on the run, for the case that no later try brings a better one. */
async function noted(platform: ControlPlatform, run: RunRecord, error: unknown): Promise<unknown> {
  await platform.store.changeRun(run.id, ["preparing"], { detail: detailOf(error) }).catch(() => {});
  return error;
}
