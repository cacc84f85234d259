import { ConflictError, InputError } from "../errors/index.ts";
import { loadRun } from "../svg/pipeline/load.ts";
import { summarizeRun } from "../svg/pipeline/index.ts";
import type { RunRecord } from "../svg/store.ts";
import type { RunSummary } from "../svg/summary.ts";
import { tellRun } from "./drops/tell-run.ts";
import { prepareTaskOf } from "./messages.ts";
import type { ControlPlatform } from "./platform.ts";

export interface ResumeRequest {
  /** For the whole run, what was spent included; null lifts it, left out it stays. Micro-dollars. */
  readonly budgetMicroUsd?: number | null;
  /** Take up the samples that failed, too. */
  readonly retryFailed: boolean;
}

/**
 * Goes on with a run that is paused or failed, or that finished with failed samples to retry. Returns at once: what takes long (a base
 * that has to be made anew, many samples) is done by tasks. A run that is going on already only gets its budget.
 * InputError("run_not_resumable").
 */
export async function resumeRun(platform: ControlPlatform, runId: string, request: ResumeRequest): Promise<RunSummary> {
  const run = await loadRun(platform.store, runId);
  await refuse(platform, run, request);
  if (request.budgetMicroUsd !== undefined) await platform.store.setBudget(runId, request.budgetMicroUsd);
  if (run.state !== "running" && run.state !== "preparing") await goOn(platform, run, request);
  return summarizeRun(platform, runId);
}

async function refuse(platform: ControlPlatform, run: RunRecord, { retryFailed }: ResumeRequest): Promise<void> {
  if (run.state === "cancelled") {
    throw new InputError("run_not_resumable", `Run ${run.id} was cancelled.`, {
      hint: "Start a new run. What this one accepted is in its dataset.",
    });
  }
  if (retryFailed && (run.state === "running" || run.state === "preparing")) {
    throw new InputError("run_not_resumable", `Run ${run.id} is ${run.state}: failed samples are taken up when it is finished or paused.`, {
      hint: "Wait for its end, then resume it with the failed samples.",
    });
  }
  if (run.state !== "finished") return;
  const counts = await platform.store.countSamples(run.id);
  if (retryFailed && counts.some(({ state }) => state === "failed")) return;
  throw new InputError(
    "run_not_resumable",
    `Run ${run.id} is finished: every sample has its result${retryFailed ? ", and none failed" : ""}.`,
    {
      hint: "A finished run can take up the samples that failed, where there are any.",
    },
  );
}

/** The run is `preparing` until its base, its failed samples and its tasks are seen to: nothing can end while they are. */
async function goOn(platform: ControlPlatform, run: RunRecord, { retryFailed }: ResumeRequest): Promise<void> {
  try {
    await platform.store.changeRun(run.id, [run.state], { state: "preparing", detail: null, dataset: null });
  } catch (error) {
    // Somebody else resumed it at the same moment.
    if (error instanceof ConflictError) return;
    throw error;
  }
  await platform.queue.enqueue("prepare", [prepareTaskOf({ runId: run.id, nextIndex: run.planned, retryAfter: retryFailed ? -1 : null })]);
  await tellRun(platform, run.id);
}
