import type { StatePlatform } from "../platform.ts";
import { FINISHED_RUN_STATES, RUN_STATES } from "../store.ts";
import type { RunSummary } from "../summary.ts";
import { loadRun } from "./load.ts";
import { summarizeRun } from "./summarize.ts";

/** Ends a run for good; its workers notice within a second. Accepted samples stay and can be exported. Idempotent. */
export async function cancelRun(platform: StatePlatform, runId: string): Promise<RunSummary> {
  const run = await loadRun(platform.store, runId);
  if (!FINISHED_RUN_STATES.includes(run.state)) {
    const open = RUN_STATES.filter((state) => !FINISHED_RUN_STATES.includes(state));
    await platform.store.changeRun(runId, open, { state: "cancelled", detail: "Cancelled by the user." });
  }
  return summarizeRun(platform, runId);
}
