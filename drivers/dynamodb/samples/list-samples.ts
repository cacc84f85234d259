import type { SampleRecord } from "../../../core/svg/sample.ts";
import type { SampleQuery } from "../../../core/svg/store.ts";
import type { Context } from "../context.ts";
import { bucketOf, bucketPartition, extentKey, positionOf } from "../keys.ts";
import { recordOf } from "./sample-item.ts";

/** Buckets that are read at once when few of their samples are wanted. */
const MOST_AT_ONCE = 16;

/** Walks the buckets in order; each wave is twice as wide as the one before, so that a rare state is soon found and a page costs little. */
export async function listSamples(
  { table }: Context,
  runId: string,
  { states, afterIndex = -1, limit }: SampleQuery,
): Promise<readonly SampleRecord[]> {
  if (limit <= 0 || states?.length === 0) return [];
  const extent = await table.get(extentKey(runId));
  const buckets = Number(extent?.["buckets"] ?? 0);
  const only = states === undefined ? undefined : { name: "state", values: states };

  async function bucket(number: number, wanted: number): Promise<SampleRecord[]> {
    const found: SampleRecord[] = [];
    const after = bucketOf(afterIndex) === number && afterIndex >= 0 ? positionOf(afterIndex) : undefined;
    for await (const items of table.pages({ partition: bucketPartition(runId, number), after, only, limit: wanted })) {
      found.push(...items.flatMap((item) => recordOf(item) ?? []));
      if (found.length >= wanted) break;
    }
    return found;
  }

  const samples: SampleRecord[] = [];
  let next = bucketOf(Math.max(0, afterIndex));
  for (let width = 1; next < buckets && samples.length < limit; width = Math.min(MOST_AT_ONCE, width * 2)) {
    const wave = Array.from({ length: Math.min(width, buckets - next) }, (_, at) => bucket(next + at, limit - samples.length));
    next += wave.length;
    for (const found of await Promise.all(wave)) samples.push(...found);
  }
  return samples.slice(0, limit);
}
