// oxlint-disable vitest/no-standalone-expect, vitest/expect-expect -- the steps run, and expect, inside the test at the end
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SeracError } from "../../../core/errors/index.ts";
import type { Lease, RunStore } from "../../../core/svg/store.ts";
import { manualClock } from "./manual-clock.ts";
import type { ManualClock } from "./manual-clock.ts";
import type { StoreUnderTest } from "./run-store-contract.ts";
import { runRecord, sampleRecord } from "./sample-data.ts";

interface Model {
  now: number;
  owner: string | null;
  token: number;
  expiresAt: number;
  transitions: number;
  budget: number | null;
  readonly calls: Map<string, { state: "reserved" | "settled" | "released"; amount: number }>;
}

interface Real {
  readonly store: RunStore;
  readonly clock: ManualClock;
  readonly leases: Lease[];
}

const SAMPLE = sampleRecord(0).id;
const NO_TOKENS = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

type Step = fc.AsyncCommand<Model, Real>;

const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({ check: () => true, run, toString: () => name });

const succeeds = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "ok",
    (error: unknown) => (error instanceof SeracError ? error.code : Promise.reject(error)),
  );

const acquire = fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 50 })).map(([owner, ttl]) =>
  step(`acquire(${owner}, ${ttl})`, async (model, { store, leases }) => {
    const isFree = model.owner === null || model.owner === owner || model.expiresAt <= model.now;
    const lease = await store.acquireLease(SAMPLE, owner, ttl);
    expect(lease !== null).toBe(isFree);
    if (lease === null) return;
    expect(lease.token).toBeGreaterThan(model.token);
    Object.assign(model, { owner, token: lease.token, expiresAt: model.now + ttl });
    leases.push(lease);
  }),
);

/** Uses any lease that was ever handed out: only the newest, still owned, may work. */
const withOldLease = (name: string, use: (model: Model, real: Real, lease: Lease, isCurrent: boolean) => Promise<void>) =>
  fc.nat(1000).map((pick) =>
    step(`${name}(${pick})`, async (model, real) => {
      const lease = real.leases[pick % Math.max(1, real.leases.length)];
      if (lease !== undefined) await use(model, real, lease, model.owner === lease.owner && model.token === lease.token);
    }),
  );

const renew = withOldLease("renew", async (model, { store }, lease, isCurrent) => {
  expect(await succeeds(store.renewLease(lease, 30))).toBe(isCurrent ? "ok" : "fenced");
  if (isCurrent) model.expiresAt = model.now + 30;
});
const release = withOldLease("release", async (model, { store }, lease, isCurrent) => {
  await store.releaseLease(lease);
  if (isCurrent) model.owner = null;
});
const transition = withOldLease("transition", async (model, { store }, lease, isCurrent) => {
  const attempts = model.transitions + 1;
  expect(await succeeds(store.transition(lease, "planned", "planned", { attempts }))).toBe(isCurrent ? "ok" : "fenced");
  if (isCurrent) model.transitions = attempts;
  expect((await store.getSample(SAMPLE))?.attempts).toBe(model.transitions);
});
const wait = fc.integer({ min: 1, max: 40 }).map((ms) =>
  step(`wait(${ms})`, async (model, { clock }) => {
    clock.advance(ms);
    model.now += ms;
  }),
);

const sum = (model: Model, state: string): number =>
  [...model.calls.values()].reduce((total, call) => total + (call.state === state ? call.amount : 0), 0);
const callId = fc.constantFrom("c1", "c2", "c3", "c4");
const amount = fc.integer({ min: 0, max: 60 });

const budget = fc.option(fc.integer({ min: 0, max: 150 })).map((limit) =>
  step(`budget(${limit})`, async (model, { store }) => {
    await store.setBudget("run1", limit);
    model.budget = limit;
  }),
);
const reserve = fc.tuple(callId, amount).map(([id, micro]) =>
  step(`reserve(${id}, ${micro})`, async (model, { store }) => {
    const before = model.calls.get(id);
    const held = sum(model, "reserved") - (before?.state === "reserved" ? before.amount : 0);
    const fits = before?.state === "settled" || model.budget === null || sum(model, "settled") + held + micro <= model.budget;
    expect(await succeeds(store.reserve("run1", id, micro))).toBe(fits ? "ok" : "budget_exhausted");
    if (fits && before?.state !== "settled") model.calls.set(id, { state: "reserved", amount: micro });
  }),
);
const settle = fc.tuple(callId, amount).map(([id, micro]) =>
  step(`settle(${id}, ${micro})`, async (model, { store }) => {
    await store.settle("run1", id, micro, NO_TOKENS);
    if (model.calls.get(id)?.state !== "settled") model.calls.set(id, { state: "settled", amount: micro });
  }),
);
const giveUp = callId.map((id) =>
  step(`release(${id})`, async (model, { store }) => {
    await store.release("run1", id);
    if (model.calls.get(id)?.state === "reserved") model.calls.set(id, { state: "released", amount: 0 });
  }),
);
const totals = fc.constant(
  step("totals", async (model, { store }) => {
    expect(await store.spend("run1")).toMatchObject({
      settledMicroUsd: sum(model, "settled"),
      reservedMicroUsd: sum(model, "reserved"),
      budgetMicroUsd: model.budget,
    });
  }),
);

/** Random histories of leases, fencing and spend against a model of a few lines. */
export function leaseAndSpendModel(name: string, open: (clock: ManualClock) => Promise<StoreUnderTest>, runs = 60): void {
  const histories = [
    ["leases", fc.commands([acquire, renew, release, transition, wait], { maxCommands: 40 })],
    ["spend", fc.commands([budget, reserve, settle, giveUp, totals], { maxCommands: 40 })],
  ] as const;
  test.each(histories)(`${name}: %s behave as the model does`, async (_, commands) => {
    await fc.assert(
      fc.asyncProperty(commands, async (history) => {
        const clock = manualClock();
        const tested = await open(clock);
        try {
          await tested.store.createRun(runRecord());
          await tested.store.addSamples([sampleRecord(0)]);
          const model: Model = { now: clock.now(), owner: null, token: 0, expiresAt: 0, transitions: 0, budget: null, calls: new Map() };
          await fc.asyncModelRun(() => ({ model, real: { store: tested.store, clock, leases: [] } }), history);
        } finally {
          await tested.close();
        }
      }),
      { numRuns: runs },
    );
  });
}
