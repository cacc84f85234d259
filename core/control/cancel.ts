import { cancelRun as cancel } from "../svg/pipeline/index.ts";
import type { RunSummary } from "../svg/summary.ts";
import { tellRun } from "./drops/tell-run.ts";
import { finishTaskOf } from "./messages.ts";
import type { ControlPlatform } from "./platform.ts";
import { forgetRun } from "./run-cache.ts";

/** Functions that work on the run have stopped by then, and what they accepted to the last is in the dataset. */
const DATASET_DELAY_MS = 30_000;

/** Ends a run for good and lets its drop know; functions that work on it stop within seconds. What it accepted becomes its dataset. Idempotent. */
export async function cancelRun(platform: ControlPlatform, runId: string): Promise<RunSummary> {
  const summary = await cancel(platform, runId);
  forgetRun(platform, runId);
  await tellRun(platform, runId);
  if (summary.accepted > 0) await platform.queue.enqueue("finish", [{ ...finishTaskOf(runId), delayMs: DATASET_DELAY_MS }]);
  return summary;
}
