import { cancelRun as cancel } from "../svg/pipeline/index.ts";
import type { RunSummary } from "../svg/summary.ts";
import { tellRun } from "./drops/tell-run.ts";
import type { ControlPlatform } from "./platform.ts";
import { forgetRun } from "./run-cache.ts";

/** Ends a run for good and lets its drop know; functions that work on it stop within seconds. Idempotent. */
export async function cancelRun(platform: ControlPlatform, runId: string): Promise<RunSummary> {
  const summary = await cancel(platform, runId);
  forgetRun(platform, runId);
  await tellRun(platform, runId);
  return summary;
}
