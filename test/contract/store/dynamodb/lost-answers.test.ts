import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../../../core/errors/clock.ts";
import { memoryTable } from "../../../simulation/memory-table.ts";
import { leaseAndSpendModel } from "../lease-model.ts";
import { manualClock } from "../manual-clock.ts";
import { runStoreContract, type StoreUnderTest } from "../run-store-contract.ts";
import { runRecord, sampleRecord } from "../sample-data.ts";
import { asTable, storeInMemory, storeOn, type Trouble, troubled } from "./in-memory.ts";

const opening =
  (trouble: Trouble) =>
  (clock: Clock): Promise<StoreUnderTest> =>
    Promise.resolve({ store: storeOn(troubled(asTable(memoryTable()), trouble), clock), close: () => Promise.resolve() });

/** Every request works at its third try: the first never arrives, the second is done unheard. */
const everyOneTwice = opening((request) => (["before", "after", null] as const)[request % 3]!);
const untroubled = (clock: Clock): Promise<StoreUnderTest> =>
  Promise.resolve({ store: storeInMemory(clock).store, close: () => Promise.resolve() });

runStoreContract("dynamodb in memory", untroubled);
leaseAndSpendModel("dynamodb in memory", untroubled, 300);
runStoreContract("dynamodb with every answer lost once", everyOneTwice);
leaseAndSpendModel("dynamodb with every answer lost once", everyOneTwice, 100);

const USAGE = { inputTokens: 7, cachedInputTokens: 3, outputTokens: 2 };

describe("whatever gets lost, everything is counted once", () => {
  /** Ten in a row would be the end of patience. */
  const kinds = fc.infiniteStream(
    fc.oneof({ weight: 1, arbitrary: fc.constantFrom("before" as const, "after" as const) }, { weight: 4, arbitrary: fc.constant(null) }),
  );

  test("samples, transitions, calls, claims", async () => {
    await fc.assert(
      fc.asyncProperty(kinds, async (stream) => {
        const clock = manualClock();
        const trouble: Trouble = () => stream.next().value ?? null;
        const store = storeOn(troubled(asTable(memoryTable()), trouble), clock);
        await store.createRun(runRecord());
        await store.setBudget("run1", 1000);
        await store.addSamples(Array.from({ length: 120 }, (_, index) => sampleRecord(index)));
        const lease = await store.acquireLease(sampleRecord(3).id, "a", 1000);
        await store.transition(lease!, "planned", "first", { attempts: 1 });
        await store.reserve("run1", "c1", 500);
        await store.settle("run1", "c1", 400, USAGE);
        await store.reserve("run1", "c2", 600);
        await store.release("run1", "c2");
        await store.reserve("run1", "c3", 50);
        expect(await store.claimPatch("run1", "h", "s1")).toBe("s1");
        await store.changeRun("run1", ["running"], { state: "paused" });
        await store.addKey({ id: "k", name: "", sha256: "ab", scopes: ["runs:read"], createdAt: "2026", isRevoked: false });
        expect(await store.revokeKey("k")).toBe(true);

        expect(await store.countSamples("run1")).toEqual([
          { state: "planned", reason: null, samples: 119 },
          { state: "first", reason: null, samples: 1 },
        ]);
        expect(await store.spend("run1")).toEqual({
          budgetMicroUsd: 1000,
          settledMicroUsd: 400,
          reservedMicroUsd: 50,
          settledCalls: 1,
          reservedCalls: 1,
          uncertainCalls: 0,
          usage: USAGE,
        });
        await expect(store.reserve("run1", "c4", 551)).rejects.toMatchObject({ code: "budget_exhausted" });
        await store.reserve("run1", "c4", 550);
      }),
      { numRuns: 100 },
    );
  });
});
