import type { RunStore } from "../../../core/svg/store.ts";
import type { Context } from "../context.ts";
import { COUNT_SHARDS, countKey } from "../keys.ts";
import { scoreStatistics, stateCounts } from "./sample-item.ts";

/** Reads every shard of a run's counters, and no sample. */
export function countsIn({ table }: Context): Pick<RunStore, "countSamples" | "scoreStatistics"> {
  async function sumsOf(runId: string): Promise<ReadonlyMap<string, number>> {
    const shards = await table.getAll(Array.from({ length: COUNT_SHARDS }, (_, shard) => countKey(runId, shard)));
    const sums = new Map<string, number>();
    for (const shard of shards) {
      for (const [name, value] of Object.entries(shard ?? {})) {
        if (typeof value === "number") sums.set(name, (sums.get(name) ?? 0) + value);
      }
    }
    return sums;
  }

  return {
    countSamples: async (runId) => stateCounts(await sumsOf(runId)),
    scoreStatistics: async (runId) => scoreStatistics(await sumsOf(runId)),
  };
}
