import type { StatePlatform } from "../platform.ts";
import type { RunRecord, StateCount } from "../store.ts";
import type { RunSummary } from "../summary.ts";
import { loadRun } from "./load.ts";

/** Where a run stands now. */
export async function summarizeRun(platform: StatePlatform, runId: string): Promise<RunSummary> {
  const run = await loadRun(platform.store, runId);
  const [counts, spend, { recallHistogram, recallMean }] = await Promise.all([
    platform.store.countSamples(runId),
    platform.store.spend(runId),
    platform.store.scoreStatistics(runId),
  ]);
  return { ...identity(run), ...totals(counts), counts, recallHistogram, recallMean, spend };
}

function identity(
  run: RunRecord,
): Omit<RunSummary, "done" | "accepted" | "rejected" | "failed" | "counts" | "recallHistogram" | "recallMean" | "spend"> {
  return {
    runId: run.id,
    name: run.name,
    state: run.state,
    detail: run.detail,
    rehearsal: run.rehearsal,
    repository: run.repository,
    commit: run.commit,
    functions: run.functions,
    planned: run.planned,
    createdAt: run.createdAt,
    updatedAt: run.updatedAt,
  };
}

function totals(counts: readonly StateCount[]): Pick<RunSummary, "done" | "accepted" | "rejected" | "failed"> {
  const of = (state: string): number => counts.filter((count) => count.state === state).reduce((sum, count) => sum + count.samples, 0);
  const [accepted, rejected, failed] = [of("accepted"), of("rejected"), of("failed")];
  return { done: accepted + rejected + failed, accepted, rejected, failed };
}
