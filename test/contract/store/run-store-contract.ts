import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunStore } from "../../../core/svg/store.ts";
import { manualClock } from "./manual-clock.ts";
import type { ManualClock } from "./manual-clock.ts";
import { runRecord, sampleRecord } from "./sample-data.ts";

export interface StoreUnderTest {
  readonly store: RunStore;
  close(): Promise<void>;
}

const conflict = (code: string) => expect.objectContaining({ name: "ConflictError", code });

/** What every RunStore must do. `open` gives an empty one whose leases go by the clock. */
export function runStoreContract(name: string, open: (clock: ManualClock) => Promise<StoreUnderTest>): void {
  describe(`${name}: RunStore`, () => {
    let clock: ManualClock;
    let tested: StoreUnderTest;
    let store: RunStore;

    beforeEach(async () => {
      clock = manualClock();
      tested = await open(clock);
      store = tested.store;
      await store.createRun(runRecord());
    });
    afterEach(() => tested.close());

    const USAGE = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 3 };

    test("a run is read back as it was written, the newest first in the list", async () => {
      await store.createRun(runRecord({ id: "run2", createdAt: "2026-01-02T00:00:00.000Z" }));
      expect(await store.getRun("run1")).toEqual(runRecord());
      expect(await store.getRun("nope")).toBeNull();
      expect((await store.listRuns()).map((run) => run.id)).toEqual(["run2", "run1"]);
      await expect(store.createRun(runRecord())).rejects.toEqual(conflict("state_conflict"));
    });

    test("runs are listed in pages, those of one moment as well", async () => {
      for (const id of ["a", "b", "c", "d"]) await store.createRun(runRecord({ id }));
      const first = await store.listRuns({ limit: 2 });
      const second = await store.listRuns({ limit: 2, after: first[1]!.id });
      const third = await store.listRuns({ limit: 2, after: second[1]!.id });
      expect([...first, ...second, ...third].map((run) => run.id).toSorted()).toEqual(["a", "b", "c", "d", "run1"]);
      expect(third).toHaveLength(1);
    });

    test("a run changes only from the states that are named", async () => {
      clock.advance(1000);
      const changed = await store.changeRun("run1", ["running"], { state: "paused", detail: "budget" });
      expect(changed).toMatchObject({ state: "paused", detail: "budget", updatedAt: "2026-01-01T00:00:01.000Z" });
      expect(await store.getRun("run1")).toEqual(changed);
      await expect(store.changeRun("run1", ["running"], { state: "finished" })).rejects.toEqual(conflict("state_conflict"));
      await expect(store.changeRun("nope", ["running"], {})).rejects.toMatchObject({ code: "run_unknown" });
    });

    test("samples are added once and listed by index, by state and after an index", async () => {
      await store.addSamples([2, 0, 1].map((index) => sampleRecord(index)));
      await store.addSamples([sampleRecord(1, { detail: "again" }), sampleRecord(3)]);
      const indexes = async (query: Parameters<RunStore["listSamples"]>[1]) =>
        (await store.listSamples("run1", query)).map((sample) => sample.index);
      expect(await indexes({ limit: 10 })).toEqual([0, 1, 2, 3]);
      expect(await indexes({ limit: 2, afterIndex: 1 })).toEqual([2, 3]);
      expect(await indexes({ limit: 10, states: ["first"] })).toEqual([]);
      expect(await indexes({ limit: 3, states: ["planned", "first"] })).toEqual([0, 1, 2]);
      expect(await store.getSample(sampleRecord(1).id)).toEqual(sampleRecord(1));
      expect(await store.getSample("nope")).toBeNull();
      expect(await store.countSamples("run1")).toEqual([{ state: "planned", reason: null, samples: 4 }]);
      expect(await store.countSamples("nope")).toEqual([]);
    });

    test("one owner holds a lease until it ends, and every lease has a greater token", async () => {
      await store.addSamples([sampleRecord(0)]);
      const { id } = sampleRecord(0);
      const first = await store.acquireLease(id, "a", 1000);
      expect(first).toMatchObject({ sampleId: id, owner: "a", expiresAtMs: clock.now() + 1000 });
      expect(await store.acquireLease(id, "b", 1000)).toBeNull();
      clock.advance(999);
      expect(await store.acquireLease(id, "b", 1000)).toBeNull();
      clock.advance(1);
      const second = await store.acquireLease(id, "b", 1000);
      expect(second?.token).toBeGreaterThan(first?.token ?? Number.NaN);
      await expect(store.renewLease(first!, 1000)).rejects.toEqual(conflict("fenced"));
      await store.releaseLease(first!);
      expect(await store.acquireLease(id, "a", 1000)).toBeNull();
      const renewed = await store.renewLease(second!, 5000);
      expect(renewed).toMatchObject({ token: second?.token, expiresAtMs: clock.now() + 5000 });
      await store.releaseLease(renewed);
      const third = await store.acquireLease(id, "a", 1000);
      expect(third?.token).toBeGreaterThan(second?.token ?? Number.NaN);
      await expect(store.acquireLease("nope", "a", 1000)).rejects.toMatchObject({ code: "sample_unknown" });
    });

    test("a run has a lease of its own, beside those of its samples", async () => {
      await store.addSamples([sampleRecord(0)]);
      const lease = await store.acquireLease("run1", "a", 1000);
      expect(await store.acquireLease("run1", "b", 1000)).toBeNull();
      expect(await store.acquireLease(sampleRecord(0).id, "b", 1000)).not.toBeNull();
      clock.advance(500);
      const renewed = await store.renewLease(lease!, 1000);
      const changed = await store.changeRun("run1", ["running"], { state: "paused" });
      expect(await store.getRun("run1")).toEqual(changed);
      clock.advance(999);
      expect(await store.acquireLease("run1", "b", 1000)).toBeNull();
      clock.advance(1);
      const next = await store.acquireLease("run1", "b", 1000);
      expect(next?.token).toBeGreaterThan(renewed.token);
      await expect(store.renewLease(renewed, 1000)).rejects.toEqual(conflict("fenced"));
      await expect(store.transition(next!, "planned", "first", {})).rejects.toMatchObject({ name: expect.stringMatching(/Error$/) });
      await store.releaseLease(next!);
      expect(await store.acquireLease("run1", "a", 1000)).not.toBeNull();
    });

    test("a window is moved by whoever read its last version", async () => {
      expect(await store.taskWindow("run1")).toEqual({ given: 0, lastIndex: -1, version: 0 });
      expect(await store.moveTaskWindow("run1", 0, { given: 3, lastIndex: 2 })).toBe(true);
      expect(await store.moveTaskWindow("run1", 0, { given: 9, lastIndex: 9 })).toBe(false);
      const first = await store.taskWindow("run1");
      expect(first).toMatchObject({ given: 3, lastIndex: 2 });
      expect(first.version).toBeGreaterThan(0);
      expect(await store.moveTaskWindow("run1", first.version, { given: 4, lastIndex: 5 })).toBe(true);
      expect(await store.moveTaskWindow("run1", first.version, { given: 5, lastIndex: 5 })).toBe(false);
      const second = await store.taskWindow("run1");
      expect(second).toMatchObject({ given: 4, lastIndex: 5 });
      // Back to where it was is a move like any other.
      expect(await store.moveTaskWindow("run1", second.version, { given: 3, lastIndex: 2 })).toBe(true);
      expect((await store.taskWindow("run1")).version).toBeGreaterThan(second.version);
      expect(await store.taskWindow("run2")).toMatchObject({ version: 0 });
    });

    test("a transition needs the newest lease and the right state, and is counted", async () => {
      await store.addSamples([sampleRecord(0), sampleRecord(1)]);
      const { id } = sampleRecord(0);
      const old = await store.acquireLease(id, "a", 10);
      clock.advance(10);
      const lease = await store.acquireLease(id, "b", 1000);
      await expect(store.transition(old!, "planned", "first", {})).rejects.toEqual(conflict("fenced"));
      await expect(store.transition(lease!, "first", "judged", {})).rejects.toEqual(conflict("state_conflict"));
      const moved = await store.transition(lease!, "planned", "first", { attempts: 1, firstRolloutId: "r" });
      expect(moved).toMatchObject({ state: "first", attempts: 1, firstRolloutId: "r", updatedAt: "2026-01-01T00:00:00.010Z" });
      expect(await store.getSample(id)).toEqual(moved);
      await store.transition(lease!, "first", "first", { costMicroUsd: 7 });
      await store.transition(lease!, "first", "rejected", { reason: "judged_bad", detail: "no" });
      expect(await store.getSample(id)).toMatchObject({ state: "rejected", reason: "judged_bad", costMicroUsd: 7, attempts: 1 });
      expect(await store.countSamples("run1")).toEqual([
        { state: "planned", reason: null, samples: 1 },
        { state: "rejected", reason: "judged_bad", samples: 1 },
      ]);
      await store.releaseLease(lease!);
      await expect(store.transition(lease!, "rejected", "planned", { reason: null })).rejects.toEqual(conflict("fenced"));
    });

    test("scores are counted in ten bins, also when one is taken back", async () => {
      await store.addSamples([0, 1, 2, 3].map((index) => sampleRecord(index)));
      expect(await store.scoreStatistics("run1")).toEqual({ samples: 0, recallHistogram: Array(10).fill(0), recallMean: null });
      const scoreOf = (recall: number) => ({ recall, precision: null, matched: 0, targetLines: 1, candidateLines: 1, recallSera: null });
      for (const [index, recall] of [0, 0.5, 1].entries()) {
        const lease = await store.acquireLease(sampleRecord(index).id, "a", 1000);
        await store.transition(lease!, "planned", "scored", { score: scoreOf(recall) });
        await store.transition(lease!, "scored", "accepted", { reason: null });
        await store.releaseLease(lease!);
      }
      expect(await store.scoreStatistics("run1")).toEqual({
        samples: 3,
        recallHistogram: [1, 0, 0, 0, 0, 1, 0, 0, 0, 1],
        recallMean: 0.5,
      });
      const lease = await store.acquireLease(sampleRecord(0).id, "a", 1000);
      await store.transition(lease!, "accepted", "second", { score: null });
      expect(await store.scoreStatistics("run1")).toEqual({
        samples: 2,
        recallHistogram: [0, 0, 0, 0, 0, 1, 0, 0, 0, 1],
        recallMean: 0.75,
      });
    });

    test("a patch belongs to the sample that claimed it first, in each run", async () => {
      expect(await store.patchOwner("run1", "h")).toBeNull();
      expect(await store.claimPatch("run1", "h", "s1")).toBe("s1");
      expect(await store.claimPatch("run1", "h", "s2")).toBe("s1");
      expect(await store.claimPatch("run1", "h", "s1")).toBe("s1");
      expect(await store.claimPatch("run2", "h", "s2")).toBe("s2");
      expect(await store.patchOwner("run1", "h")).toBe("s1");
    });

    test("spend: reserved before, settled after, each call once", async () => {
      await store.reserve("run1", "c1", 100);
      expect(await store.spend("run1")).toMatchObject({
        budgetMicroUsd: null,
        reservedMicroUsd: 100,
        reservedCalls: 1,
        settledMicroUsd: 0,
      });
      await store.settle("run1", "c1", 60, USAGE);
      await store.settle("run1", "c1", 60, USAGE);
      await store.release("run1", "c1");
      await store.release("run1", "never");
      await store.settle("run1", "replayed", 5, USAGE);
      await store.reserve("run1", "c2", 40);
      await store.release("run1", "c2");
      await store.release("run1", "c2");
      await store.reserve("run1", "c1", 100);
      expect(await store.spend("run1")).toEqual({
        budgetMicroUsd: null,
        settledMicroUsd: 65,
        reservedMicroUsd: 0,
        settledCalls: 2,
        reservedCalls: 0,
        uncertainCalls: 0,
        usage: { inputTokens: 20, cachedInputTokens: 8, outputTokens: 6 },
      });
    });

    test("a call begun again while its reply is missing is uncertain, once; after a release it is not", async () => {
      await store.reserve("run1", "c1", 100);
      await store.reserve("run1", "c1", 120);
      await store.reserve("run1", "c1", 110);
      await store.reserve("run1", "c2", 10);
      await store.release("run1", "c2");
      await store.reserve("run1", "c2", 10);
      expect(await store.spend("run1")).toMatchObject({ reservedMicroUsd: 120, reservedCalls: 2, uncertainCalls: 1 });
    });

    test("a call in flight when it is released, replayed or reserved anew keeps every total at zero in the end", async () => {
      await store.reserve("run1", "c1", 100);
      await store.release("run1", "c1");
      await store.settle("run1", "c1", 0, { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 });
      expect(await store.spend("run1")).toMatchObject({ reservedMicroUsd: 0, reservedCalls: 0, settledMicroUsd: 0, settledCalls: 1 });
    });

    test("the budget is never overshot: settled and reserved count, the last micro-dollar may be used", async () => {
      await store.setBudget("run1", 100);
      await store.reserve("run1", "c1", 60);
      const paused = expect.objectContaining({ name: "PausedError", code: "budget_exhausted" });
      await expect(store.reserve("run1", "c2", 41)).rejects.toEqual(paused);
      await store.reserve("run1", "c2", 40);
      await store.reserve("run1", "c2", 40);
      await expect(store.reserve("run1", "c2", 41)).rejects.toEqual(paused);
      await store.settle("run1", "c1", 10, USAGE);
      await store.reserve("run1", "c3", 50);
      await expect(store.reserve("run1", "c4", 1)).rejects.toEqual(paused);
      await store.setBudget("run1", null);
      await store.reserve("run1", "c4", 1_000_000);
      expect(await store.spend("run1")).toMatchObject({ settledMicroUsd: 10, reservedMicroUsd: 1_000_090, budgetMicroUsd: null });
    });

    test("amounts stay exact far beyond what floats of dollars could hold, and fractions are refused", async () => {
      for (let i = 0; i < 50; i++) await store.settle("run1", `c${i}`, 1_000_000_000_001, USAGE);
      expect((await store.spend("run1")).settledMicroUsd).toBe(50_000_000_000_050);
      await expect(store.reserve("run1", "x", 0.5)).rejects.toThrow(RangeError);
      await expect(store.settle("run1", "x", -1, USAGE)).rejects.toThrow(RangeError);
      await expect(store.spend("nope")).rejects.toMatchObject({ code: "run_unknown" });
    });

    test("of many at once, one gets the lease, one claims the patch and one moves the window", async () => {
      await store.addSamples([sampleRecord(0)]);
      const leases = await Promise.all(Array.from({ length: 20 }, (_, i) => store.acquireLease(sampleRecord(0).id, `w${i}`, 1000)));
      expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
      const owners = await Promise.all(Array.from({ length: 20 }, (_, i) => store.claimPatch("run1", "h", `s${i}`)));
      expect(new Set(owners).size).toBe(1);
      const moves = await Promise.all(Array.from({ length: 20 }, (_, i) => store.moveTaskWindow("run1", 0, { given: i, lastIndex: i })));
      expect(moves.filter((moved) => moved)).toHaveLength(1);
    });
  });
}
