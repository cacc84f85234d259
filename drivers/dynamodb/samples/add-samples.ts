import type { SampleRecord } from "../../../core/svg/sample.ts";
import type { Context } from "../context.ts";
import { inParallel } from "../in-parallel.ts";
import { BUCKET, bucketOf, COUNT_SHARDS, countKey, extentKey, isNew, sampleKeyAt, shardOf } from "../keys.ts";
import { assertFits } from "../table/item-size.ts";
import type { Write } from "../table/operations.ts";
import { countersOf, stateAttributes } from "./sample-item.ts";

/** Samples of one transaction, which holds one counter beside them. Half a bucket: of a crowd of writers, few meet. */
const CHUNK = BUCKET / 2;
const AT_ONCE = 8;

/**
 * Each sample is written in the transaction that counts it, on the condition that it is not there: however often a batch is repeated, and
 * wherever an earlier one died, each is there once and counted once.
 */
export async function addSamples(context: Context, samples: readonly SampleRecord[]): Promise<void> {
  const chunks = new Map<string, Map<string, SampleRecord>>();
  const buckets = new Map<string, number>();
  for (const sample of samples) {
    const name = `${sample.runId}#${Math.floor(sample.index / CHUNK)}`;
    const chunk = chunks.get(name) ?? new Map<string, SampleRecord>();
    if (!chunk.has(sample.id)) chunk.set(sample.id, sample);
    chunks.set(name, chunk);
    buckets.set(sample.runId, Math.max(buckets.get(sample.runId) ?? 0, bucketOf(sample.index) + 1));
  }
  for (const [runId, count] of buckets) await extend(context, runId, count);
  await inParallel([...chunks], AT_ONCE, ([name, chunk]) => addChunk(context, name, [...chunk.values()]));
}

/** Before the samples, so that none can lie where no list looks. */
async function extend({ table }: Context, runId: string, buckets: number): Promise<void> {
  await table.write({
    key: extentKey(runId),
    when: [{ anyOf: [{ absent: "buckets" }, { below: ["buckets", buckets] }] }],
    set: { buckets },
  });
}

async function addChunk({ table, newStamp }: Context, name: string, samples: readonly SampleRecord[]): Promise<void> {
  const { runId } = samples[0]!;
  for (let left = samples; left.length > 0;) {
    const puts = left.map((sample): Write => {
      const put = { key: sampleKeyAt(runId, sample.index), when: [isNew], set: { ...stateAttributes(sample, newStamp()), token: 0 } };
      assertFits(put);
      return put;
    });
    const add = totalOf(left);
    const added = await table.transact((attempt) => [...puts, { key: countKey(runId, shardOf(name, attempt, COUNT_SHARDS)), add }]);
    if (added.ok) return;
    const { refused } = added;
    left = left.filter((_, at) => !refused.has(at));
  }
}

function totalOf(samples: readonly SampleRecord[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const sample of samples) {
    for (const [counter, amount] of Object.entries(countersOf(sample))) sums[counter] = (sums[counter] ?? 0) + amount;
  }
  return sums;
}
