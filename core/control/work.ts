import { isPassingFault } from "../errors/cloud.ts";
import { InputError, PausedError, SeracError, TeacherError } from "../errors/index.ts";
import { placeOfSample } from "../plan/sample-id.ts";
import { advance, type AdvanceOutcome } from "../svg/advance.ts";
import type { RunEvent } from "../svg/events.ts";
import { isOutsideFault } from "../svg/pipeline/breaker.ts";
import { countOpen } from "../svg/pipeline/open-samples.ts";
import { stopFor } from "../svg/pipeline/stop.ts";
import type { Platform } from "../svg/platform.ts";
import type { SampleReason } from "../svg/sample.ts";
import type { RunRecord } from "../svg/store.ts";
import { noteFault } from "./faults.ts";
import { sampleTaskOf } from "./messages.ts";
import { moveOn } from "./move-on.ts";
import type { ControlPlatform, Workshop } from "./platform.ts";
import { forgetRun, runContext, runningRun } from "./run-cache.ts";
import { stopRun } from "./stop-run.ts";
import { watchRun } from "./watch-run.ts";

export interface WorkOptions {
  /** Milliseconds since the epoch; nothing new is begun after it. */
  readonly deadlineMs: number;
  /** Names this worker in leases. Two that may live at the same time must not share a name. */
  readonly owner: string;
  /** Aborts what is under way; there is just time left to write it down. */
  readonly signal: AbortSignal;
  readonly leaseMs?: number;
  /** After this one the task is a dead letter. */
  readonly isLastTry?: boolean;
}

/**
 * - `done`: the sample has its result, and others have their tasks in its place.
 * - `continue`, `busy`: it has another task, now or later.
 * - `paused`: it has none, and neither has any other sample of the run until it is resumed.
 * - `dropped`: the run is not running; nothing was done.
 */
export type WorkOutcome = AdvanceOutcome | "paused" | "dropped";

const LEASE_MS = 60_000;
/** Whoever had this long and brought nothing forward would not the next time either. */
const FRUITLESS_MS = 120_000;

/**
 * One task of the queue `work`. What it returns is done with: a sample that has to go on has been given its next task. What it throws
 * has to be received again, and in the end is a dead letter.
 */
export async function workTask(
  platform: ControlPlatform,
  workshop: Workshop,
  sampleId: string,
  options: WorkOptions,
): Promise<WorkOutcome> {
  const place = placeOfSample(sampleId);
  if (place === null) throw new SeracError("record_invalid", `A task holds ${JSON.stringify(sampleId.slice(0, 200))}, which is no sample.`);
  const run = await runningRun(platform, place.runId);
  if (run === null) return "dropped";
  const startedMs = platform.clock.now();
  const seen = observe();
  const watch = watchRun(platform, run.id);
  let outcome: AdvanceOutcome;
  try {
    outcome = await advance(
      sampleId,
      {
        platform: await fullPlatform(platform, workshop, run),
        runContext: () => runContext(platform, run),
        owner: options.owner,
        leaseMs: options.leaseMs ?? LEASE_MS,
        signal: AbortSignal.any([options.signal, watch.signal]),
        onEvent: seen.onEvent,
      },
      options.deadlineMs,
    );
  } catch (error) {
    const stop = pauseOf(error) ?? (options.isLastTry === true ? pauseForAws(error) : null);
    if (stop === null) throw error;
    return await pause(platform, run, stop);
  } finally {
    await watch.stop();
  }
  if (outcome === "done") return settle(platform, run, seen.endedFor());
  if (watch.signal.aborted) return "dropped";
  if (outcome === "continue" && !seen.isForward() && platform.clock.now() - startedMs >= FRUITLESS_MS) {
    throw new SeracError("unfinished", `Sample ${sampleId} came not one step further in this task.`, {
      hint: "A command or a reply takes longer than a function may run: lower rollout.commandSeconds or teacher.timeoutSeconds.",
    });
  }
  const delayMs = outcome === "busy" ? (options.leaseMs ?? LEASE_MS) / 2 : 0;
  await platform.queue.enqueue("work", [{ ...sampleTaskOf({ id: sampleId }), delayMs }]);
  return outcome;
}

async function settle(platform: ControlPlatform, run: RunRecord, reason: SampleReason | null): Promise<"done"> {
  const stop = isOutsideFault(reason) ? await noteFault(platform, run, reason) : null;
  if (stop !== null && (await countOpen(platform, run.id)) > 0) await pause(platform, run, stop);
  else await moveOn(platform, run);
  return "done";
}

async function pause(platform: ControlPlatform, run: RunRecord, stop: PausedError): Promise<"paused"> {
  forgetRun(platform, run.id);
  await stopRun(platform, run.id, ["running"], "paused", stop);
  return "paused";
}

/** A key that is not there or a sandbox that is not set up would stop every other sample as well. */
async function fullPlatform(platform: ControlPlatform, workshop: Workshop, run: RunRecord): Promise<Platform> {
  try {
    return { ...platform, teacher: await workshop.teacher(run.config.teacher!), sandbox: await workshop.sandbox() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new PausedError(error.code, error.message, { hint: error.hint, cause: error });
  }
}

/** Null for what may be different the next time. */
function pauseOf(error: unknown): PausedError | null {
  if (error instanceof TeacherError || error instanceof PausedError) {
    const stop = stopFor(error);
    return stop instanceof PausedError ? stop : null;
  }
  if (!(error instanceof SeracError) || error.code !== "cloud_denied") return null;
  return new PausedError(error.code, error.message, { hint: error.hint, cause: error });
}

/** What stayed so for all the tries of one sample stays so for the others: no quota, or a service that is down. Null for the sample's own. */
function pauseForAws(error: unknown): PausedError | null {
  if (!(error instanceof SeracError) || !isPassingFault(error)) return null;
  const hint = [error.hint ?? "", "Resume the run to go on."].join(" ").trim();
  return new PausedError(error.code, `${error.message}, and it stayed so for the better part of an hour.`, { hint, cause: error });
}

function observe() {
  let isForward = false;
  let reason: SampleReason | null = null;
  return {
    onEvent: (event: RunEvent): void => {
      if (event.event !== "step" && event.event !== "sample") return;
      isForward = true;
      if (event.event === "sample") reason = event.state === "failed" ? event.reason : null;
    },
    isForward: () => isForward,
    /** Why the sample failed, when it did so just now. */
    endedFor: () => reason,
  };
}
