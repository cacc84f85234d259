import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SPEND_SHARDS, spendKey } from "../../../drivers/dynamodb/keys.ts";
import type { Allotment } from "../../../drivers/dynamodb/spend/allotment.ts";
import { collection, type Entry, planEntry } from "../../../drivers/dynamodb/spend/plan.ts";
import { MAX_TRANSACTION_ITEMS, type Write } from "../../../drivers/dynamodb/table/operations.ts";

const amount = fc.integer({ min: 0, max: 1000 });

/** As it is between two transactions: in order, or with some shards closed. */
const allotment: fc.Arbitrary<Allotment> = fc
  .record({
    budget: fc.integer({ min: 0, max: 100_000 }),
    pool: fc.integer({ min: 0, max: 5000 }),
    free: fc.array(fc.option(amount), { minLength: SPEND_SHARDS, maxLength: SPEND_SHARDS }),
    closed: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: SPEND_SHARDS })),
    debt: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
  })
  .map(({ budget, pool, free, closed, debt }) => {
    const shards = free.map((each, at) => ({
      key: spendKey("r", at),
      free: each,
      isUnlimited: false,
      isClosed: debt > 0 || at < closed,
      item: null,
    }));
    const left = shards.reduce((sum, shard) => sum + (shard.free ?? 0), pool - debt);
    return { runId: "r", budget, pool: pool - debt, shards, left, settled: 0 };
  });

const entry: fc.Arbitrary<Entry> = fc
  .record({ growth: fc.integer({ min: 0, max: 3000 }), isPast: fc.boolean(), callId: fc.string() })
  .map((parts) => ({ ...parts, counters: { reserved: parts.growth } }));

/** What a plan leaves free in pool and shards, and the counters that it adds. */
function applied(state: Allotment, plan: readonly Write[]): { left: number; reserved: number; least: number; isClosed: boolean } {
  const items = new Map(state.shards.map((shard) => [shard.key.partition, { free: shard.free ?? 0, closed: shard.isClosed }]));
  let { pool } = state;
  let reserved = 0;
  for (const { key, set = {}, add = {}, remove = [] } of plan) {
    reserved += add["reserved"] ?? 0;
    pool = Number(set["pool"] ?? pool) + (add["pool"] ?? 0);
    const item = items.get(key.partition);
    if (item === undefined) continue;
    const closed = set["closed"] === true || (item.closed && !remove.includes("closed"));
    items.set(key.partition, { free: Number(set["free"] ?? item.free) + (add["free"] ?? 0), closed });
  }
  const shards = [...items.values()];
  return {
    left: shards.reduce((sum, { free }) => sum + free, pool),
    reserved,
    least: Math.min(pool, ...shards.map(({ free }) => free)),
    isClosed: shards.every(({ closed }) => closed),
  };
}

test("a plan takes what the call takes and no more, from places that have it, and counts the call once", () => {
  fc.assert(
    fc.property(allotment, entry, fc.nat(5), (state, given, attempt) => {
      const plan = planEntry(state, given, attempt);
      expect(plan === null).toBe(given.growth > state.left && !given.isPast);
      if (plan === null) return;
      const after = applied(state, plan);
      expect(after.left).toBe(state.left - given.growth);
      expect(after.reserved).toBe(given.growth);
      // Where something is owed, nothing may be taken from what lies about.
      expect(after.least >= 0 || after.isClosed).toBe(true);
      // The call itself comes beside it.
      expect(plan.length).toBeLessThan(MAX_TRANSACTION_ITEMS);
      expect(new Set(plan.map(({ key }) => `${key.partition} ${key.sort}`)).size).toBe(plan.length);
    }),
    { numRuns: 1000 },
  );
});

test("a collection changes who has it, and not how much there is", () => {
  fc.assert(
    fc.property(allotment, (state) => {
      const after = applied(state, collection(state));
      expect(after.left).toBe(state.left);
      expect(after.isClosed).toBe(state.left < 0);
    }),
  );
});
