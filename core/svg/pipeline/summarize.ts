import type { StatePlatform } from "../platform.ts";
import type { RunRecord, StateCount } from "../store.ts";
import type { RunSummary } from "../summary.ts";
import { loadRun } from "./load.ts";

const PAGE = 1000;

/** Where a run stands now. Reads every scored sample once for the histogram. */
export async function summarizeRun(platform: StatePlatform, runId: string): Promise<RunSummary> {
  const run = await loadRun(platform.store, runId);
  const [counts, spend, recalls] = await Promise.all([
    platform.store.countSamples(runId),
    platform.store.spend(runId),
    recallStatistics(platform, runId),
  ]);
  return { ...identity(run), ...totals(counts), counts, ...recalls, spend };
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

async function recallStatistics(platform: StatePlatform, runId: string): Promise<Pick<RunSummary, "recallHistogram" | "recallMean">> {
  const bins = Array.from({ length: 10 }, () => 0);
  let sum = 0;
  let scored = 0;
  let afterIndex = -1;
  for (;;) {
    const page = await platform.store.listSamples(runId, { states: ["scored", "accepted", "rejected"], afterIndex, limit: PAGE });
    for (const { score } of page) {
      if (score === null) continue;
      const bin = Math.min(9, Math.floor(score.recall * 10));
      bins[bin] = bins[bin]! + 1;
      sum += score.recall;
      scored += 1;
    }
    if (page.length < PAGE) break;
    afterIndex = page.at(-1)!.index;
  }
  return { recallHistogram: bins, recallMean: scored === 0 ? null : sum / scored };
}
