import { ConflictError } from "../../../core/errors/index.ts";
import type { SampleRecord, SampleState } from "../../../core/svg/sample.ts";
import type { Lease, SampleChange } from "../../../core/svg/store.ts";
import { type Context, isoNow, isStampedBy, unchangedSince } from "../context.ts";
import { COUNT_SHARDS, countKey, sampleKey, shardOf } from "../keys.ts";
import { assertFits } from "../table/item-size.ts";
import type { Item, Key, Write, Written } from "../table/operations.ts";
import { fenced, isOurs } from "./leases.ts";
import { difference, isHeldBy, recordOf, stateAttributes } from "./sample-item.ts";

/** One transaction with the counters, or one write where nothing that is counted changes. */
export async function transition(
  context: Context,
  lease: Lease,
  from: SampleState,
  to: SampleState,
  change: SampleChange,
): Promise<SampleRecord> {
  const { table, clock, newStamp } = context;
  const key = sampleKey(lease.sampleId);
  if (key === null) throw fenced(lease);
  const stamp = newStamp();
  for (let item = await table.get(key); ;) {
    const before = heldRecord(item, lease, from);
    const after: SampleRecord = { ...before, ...change, state: to, updatedAt: isoNow(clock) };
    const write = { key, when: [...isOurs(lease), unchangedSince(item)], set: stateAttributes(after, stamp) };
    assertFits(write);
    const written = await writeCounted(context, write, key, difference(before, after));
    if (written.ok || isStampedBy(written.item, stamp)) return after;
    item = written.item;
  }
}

function heldRecord(item: Item | null, lease: Lease, from: SampleState): SampleRecord {
  const before = recordOf(item);
  if (before === null || !isHeldBy(item, lease)) throw fenced(lease);
  if (before.state !== from) throw new ConflictError("state_conflict", `sample ${lease.sampleId} is ${before.state}, not ${from}`);
  return before;
}

async function writeCounted(
  { table }: Context,
  write: Write,
  { runId, sort }: Key & { readonly runId: string },
  add: Readonly<Record<string, number>>,
): Promise<Written | { readonly ok: true }> {
  if (Object.keys(add).length === 0) return table.write(write);
  const counted = await table.transact((attempt) => [write, { key: countKey(runId, shardOf(sort, attempt, COUNT_SHARDS)), add }]);
  return counted.ok ? counted : { ok: false, item: counted.refused.get(0) ?? null };
}
