import { ConflictError } from "../errors/index.ts";
import { loadRun } from "../svg/pipeline/load.ts";
import { countOpen } from "../svg/pipeline/open-samples.ts";
import type { RunRecord } from "../svg/store.ts";
import { tellRun } from "./drops/tell-run.ts";
import type { FinishMessage } from "./messages.ts";
import type { ControlPlatform, Workshop } from "./platform.ts";
import { releaseBase } from "./release-base.ts";
import { detailOf } from "./stop-run.ts";
import { startOwnModel } from "./training/own-model.ts";

/** `dropped`: the run is not at its end, or somebody ended it in another way. */
export type FinishOutcome = "finished" | "dropped";

/**
 * One task of the queue `finish`: writes the dataset, says that the run is finished, starts the training that it asks for, cleans up. A run that was cancelled stays so
 * and gets the dataset of what it had accepted. May come twice, and again after it died anywhere: the dataset is the same one, and only
 * one finisher changes the run.
 */
export async function finishTask(
  platform: ControlPlatform,
  workshop: Workshop,
  { runId }: FinishMessage,
  { signal }: { readonly signal: AbortSignal },
): Promise<FinishOutcome> {
  let run = await loadRun(platform.store, runId);
  const isAtItsEnd = run.state === "running" && (await countOpen(platform, runId)) === 0;
  if (isAtItsEnd || (run.state === "cancelled" && !hasDataset(run))) {
    await writeDataset(platform, workshop, run, signal);
    run = await loadRun(platform.store, runId);
  }
  if (run.state !== "finished" && !(run.state === "cancelled" && hasDataset(run))) return "dropped";
  await startOwnModel(platform, run);
  await releaseBase(platform, workshop, run);
  await tellRun(platform, runId);
  return "finished";
}

const hasDataset = ({ dataset }: RunRecord): boolean => typeof dataset === "string";

async function writeDataset(platform: ControlPlatform, workshop: Workshop, { id, state }: RunRecord, signal: AbortSignal): Promise<void> {
  let dataset: string;
  try {
    dataset = (await workshop.exportDataset(id, signal)).location;
  } catch (error) {
    if (state === "running") await noted(platform, id, error);
    throw error;
  }
  const change = state === "running" ? { state: "finished" as const, detail: null, dataset } : { dataset };
  await unlessChanged(() => platform.store.changeRun(id, [state], change));
}

/** The last error stands on the run, for the case that no later try brings a better one. */
const noted = (platform: ControlPlatform, runId: string, error: unknown): Promise<void> =>
  unlessChanged(() => platform.store.changeRun(runId, ["running"], { detail: `The dataset is not written yet: ${detailOf(error)}` }));

async function unlessChanged(change: () => Promise<RunRecord>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
