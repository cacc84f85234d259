import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SeracError } from "../../../../core/errors/index.ts";
import { budgetKey, SPEND_SHARDS, spendKey } from "../../../../drivers/dynamodb/keys.ts";
import type { Store } from "../../../../drivers/dynamodb/store.ts";
import type { MemoryTable } from "../../../simulation/memory-table.ts";
import { manualClock } from "../manual-clock.ts";
import { runRecord } from "../sample-data.ts";
import { storeInMemory } from "./in-memory.ts";

const NO_TOKENS = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

/** Pool, shards, reserved and settled are the budget, whatever was done; where there is one, no open shard owes anything. */
function expectBalanced(memory: MemoryTable): void {
  const central = memory.get(budgetKey("run1"))!;
  let sum = Number(central["pool"]);
  let least = 0;
  for (let shard = 0; shard < SPEND_SHARDS; shard++) {
    const item = memory.get(spendKey("run1", shard));
    const of = (name: string): number => Number(item?.[name] ?? 0);
    sum += of("free") + of("reserved") + of("settled");
    const isOpen = item !== null && item["closed"] === undefined && item["unlimited"] === undefined;
    if (central["budget"] !== undefined && isOpen) least = Math.min(least, of("free"));
  }
  expect(least).toBe(0);
  expect(sum).toBe(Number(central["budget"] ?? 0));
}

/** Codes of what was refused; anything that is no SeracError as it is. */
const refusals = (outcomes: readonly PromiseSettledResult<void>[]): readonly unknown[] =>
  outcomes.flatMap((outcome) => {
    if (outcome.status === "fulfilled") return [];
    const { reason } = outcome as { readonly reason: unknown };
    return [reason instanceof SeracError ? reason.code : reason];
  });

const call = fc.integer({ min: 0, max: 12 }).map((number) => `c${number}`);
const amount = fc.integer({ min: 0, max: 400 });
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(call, amount).map(
      ([id, micro]) =>
        (store: Store) =>
          store.reserve("run1", id, micro),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(call, amount).map(
      ([id, micro]) =>
        (store: Store) =>
          store.settle("run1", id, micro, NO_TOKENS),
    ),
  },
  { weight: 3, arbitrary: call.map((id) => (store: Store) => store.release("run1", id)) },
  {
    weight: 1,
    arbitrary: fc.option(fc.integer({ min: 0, max: 2000 })).map((budget) => (store: Store) => store.setBudget("run1", budget)),
  },
);

test("at every moment without a call under way the books balance, also when calls and budgets come all at once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(action, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 }), async (crowds) => {
      const { store, memory } = storeInMemory(manualClock());
      await store.createRun(runRecord());
      for (const crowd of crowds) {
        const outcomes = await Promise.allSettled(crowd.map((act) => act(store)));
        expect(refusals(outcomes).filter((code) => code !== "budget_exhausted")).toEqual([]);
        expectBalanced(memory);
      }
    }),
    { numRuns: 200 },
  );
});

test.each([
  [40, 50, 1005, 20],
  [200, 1, 100, 100],
  [10, 1000, 1000, 1],
  [30, 7, 6, 0],
])("of %i reservations of %i at once within %i, exactly %i succeed", async (count, micro, budget, expected) => {
  const { store, memory } = storeInMemory(manualClock());
  await store.createRun(runRecord());
  await store.setBudget("run1", budget);
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, i) => store.reserve("run1", `c${i}`, micro)));
  expect(refusals(outcomes)).toEqual(Array(count - expected).fill("budget_exhausted"));
  expect(await store.spend("run1")).toMatchObject({ reservedMicroUsd: expected * micro, reservedCalls: expected });
  expectBalanced(memory);
});

test("calls that cost more than was reserved leave a debt, which is paid before anything is reserved", async () => {
  const { store, memory } = storeInMemory(manualClock());
  await store.createRun(runRecord());
  await store.setBudget("run1", 1000);
  await store.reserve("run1", "held", 300);
  await store.settle("run1", "dear", 900, NO_TOKENS);
  expectBalanced(memory);
  // 200 are owed; the 300 that come back pay them.
  await store.release("run1", "held");
  await expect(store.reserve("run1", "more", 101)).rejects.toMatchObject({ name: "PausedError", code: "budget_exhausted" });
  await store.reserve("run1", "more", 100);
  expect(await store.spend("run1")).toMatchObject({ settledMicroUsd: 900, reservedMicroUsd: 100 });
  expectBalanced(memory);
});

test("a budget that was set and died halfway is put in order by the next call", async () => {
  const { store, memory } = storeInMemory(manualClock());
  await store.createRun(runRecord());
  await store.setBudget("run1", 1000);
  // As setBudget(500) leaves it when it dies behind the first shards.
  memory.write({ key: budgetKey("run1"), set: { budget: 500 }, add: { pool: -500 } });
  for (let shard = 0; shard < SPEND_SHARDS; shard++) memory.write({ key: spendKey("run1", shard), set: { closed: true } });
  await store.reserve("run1", "c1", 400);
  await expect(store.reserve("run1", "c2", 101)).rejects.toMatchObject({ code: "budget_exhausted" });
  await store.reserve("run1", "c2", 100);
  expectBalanced(memory);
});
