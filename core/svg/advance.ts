import { ConflictError, PausedError, SandboxError, SeracError, TeacherError } from "../errors/index.ts";
import { openAccount } from "./account.ts";
import type { EventSink } from "./events.ts";
import { holdLease } from "./lease.ts";
import { failure, moveSample } from "./move.ts";
import type { Platform } from "./platform.ts";
import { FINAL_STATES, type SampleReason, type SampleRecord } from "./sample.ts";
import { stageFor } from "./stages/index.ts";
import type { RunContext, StageContext } from "./stages/stage.ts";

export interface AdvanceDeps {
  readonly platform: Platform;
  /** Run, demonstrations and sandbox base of a sample's run; cached by the caller. */
  readonly runContext: (runId: string) => Promise<RunContext>;
  /** Names this worker in leases. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Aborted: checkpoint and return `continue`. */
  readonly signal: AbortSignal;
  readonly onEvent: EventSink;
}

/**
 * - `done`: the sample is in a final state.
 * - `continue`: everything is journaled; call again, here or elsewhere.
 * - `busy`: another worker holds the sample.
 */
export type AdvanceOutcome = "done" | "continue" | "busy";

/**
 * The only engine: takes the sample's lease, goes on from where the journal ends, and works until the sample is final,
 * the deadline is near or the signal is aborted. Errors of one sample end as its reason; what concerns the whole run
 * (budget, a teacher that refuses us, a full disk) is thrown and leaves the sample where it is.
 */
export async function advance(sampleId: string, deps: AdvanceDeps, deadlineMs: number): Promise<AdvanceOutcome> {
  const { store, clock } = deps.platform;
  const lease = await store.acquireLease(sampleId, deps.owner, deps.leaseMs);
  if (lease === null) return "busy";
  const held = holdLease(store, clock, lease, deps.leaseMs);
  const signal = AbortSignal.any([deps.signal, held.signal]);
  try {
    let sample = await store.getSample(sampleId);
    if (sample === null) throw new SeracError("sample_unknown", `There is no sample ${sampleId}.`);
    const run = await deps.runContext(sample.runId);
    const account = openAccount(deps.platform);
    const platform = { ...deps.platform, journal: account.journal };
    const context: StageContext = { platform, run, signal, deadlineMs, onEvent: deps.onEvent };
    while (!FINAL_STATES.includes(sample.state)) {
      if (signal.aborted) return held.signal.aborted ? "busy" : "continue";
      const outcome = await runStage(sample, context);
      if (outcome === "continue") return held.signal.aborted ? "busy" : "continue";
      sample = await moveSample({ store, account, lease: () => held.current() }, sample, outcome);
      deps.onEvent({
        event: "sample",
        sampleId,
        functionId: sample.function.id,
        state: sample.state,
        reason: sample.reason,
        score: sample.score,
      });
    }
    return "done";
  } catch (error) {
    if (error instanceof ConflictError) return "busy";
    throw error;
  } finally {
    await held.release();
  }
}

async function runStage(sample: SampleRecord, context: StageContext): ReturnType<ReturnType<typeof stageFor>> {
  try {
    return await stageFor(sample.state)(sample, context);
  } catch (error) {
    if (context.signal.aborted && !(error instanceof PausedError)) return "continue";
    const reason = sampleFault(error);
    if (reason === null) throw error;
    return failure(reason, error);
  }
}

/** The reason with which an error ends one sample; null when it concerns the run and must be thrown on. */
function sampleFault(error: unknown): SampleReason | null {
  if (error instanceof PausedError || error instanceof ConflictError) return null;
  if (error instanceof TeacherError) {
    if (error.code === "teacher_auth" || error.code === "teacher_model_unknown" || error.code === "teacher_tls") return null;
    return error.isRetryable ? "teacher_unreachable" : "teacher_refused";
  }
  if (error instanceof SandboxError) return "environment";
  if (isDiskFull(error) || isCloudFault(error)) return null;
  return "internal";
}

/** What holds the state failed, not the sample: whoever called does it again, or stops the run. */
function isCloudFault(error: unknown): boolean {
  return (
    error instanceof SeracError && (error.code === "cloud_throttled" || error.code === "cloud_denied" || error.code === "cloud_failed")
  );
}

/** A full disk is the run's trouble: the sample must not be lost for it. */
export function isDiskFull(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof SeracError && at.code === "disk_full") return true;
    if ((at as NodeJS.ErrnoException).code === "ENOSPC" || (at as NodeJS.ErrnoException).code === "EDQUOT") return true;
  }
  return false;
}
