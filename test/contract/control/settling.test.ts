import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JournalEntry } from "../../../core/agent/journal.ts";
import { buryTask } from "../../../core/control/bury.ts";
import { workTask } from "../../../core/control/work.ts";
import { SeracError, TeacherError } from "../../../core/errors/index.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { advance, type AdvanceOutcome } from "../../../core/svg/advance.ts";
import { firstRolloutId } from "../../../core/svg/names.ts";
import { patchHash } from "../../../core/svg/patch/index.ts";
import { contextOf } from "../../../core/svg/pipeline/context.ts";
import { reopenFailed } from "../../../core/svg/pipeline/retry-failed.ts";
import { FINAL_STATES } from "../../../core/svg/sample.ts";
import { readTrajectory } from "../../../core/svg/trajectories.ts";
import { mortal } from "./support/mortal.ts";
import { controlPlace, never, type Place } from "./support/place.ts";
import { noSandbox } from "./support/sandbox.ts";

const ALLOWED = { deadlineMs: Infinity, owner: "unit", signal: never };

const sampleOf = async ({ platform }: Place, runId: string) => (await platform.store.getSample(sampleIdOf(runId, 0)))!;

/** Notes what every reply that is journaled has cost. */
function noteReplies({ platform: { journal } }: Place): { microUsd: number } {
  const noted = { microUsd: 0 };
  const append = journal.append.bind(journal);
  journal.append = async (streamId: string, n: number, entry: JournalEntry) => {
    await append(streamId, n, entry);
    if (entry.type === "reply") noted.microUsd += entry.costMicroUsd;
  };
  return noted;
}

/** The next worker ends between the journal and the ledger, at the call whose id ends so. */
async function dieBeforeSettling(place: Place, runId: string, callIdEnd: string): Promise<void> {
  const { store } = place.platform;
  const settle = store.settle.bind(store);
  store.settle = (run, callId, ...rest) =>
    callId.endsWith(callIdEnd) ? Promise.reject(new SeracError("cloud_failed", "Killed.")) : settle(run, callId, ...rest);
  await expect(workTask(place.platform, place.workshop, sampleIdOf(runId, 0), ALLOWED)).rejects.toMatchObject({ message: "Killed." });
  store.settle = settle;
}

describe("a reply that was journaled and not settled when its worker ended", () => {
  test.each([
    ["first", "-first1/0"],
    ["first", "-first1/1"],
    ["first", "-first1-judge/0"],
    ["judged", "-describe/0"],
    ["second", "-second1/1"],
  ])("is settled when the sample is buried (%s, %s)", async (state, callIdEnd) => {
    await using place = await controlPlace();
    const id = await place.running();
    const noted = noteReplies(place);
    await dieBeforeSettling(place, id, callIdEnd);
    expect((await sampleOf(place, id)).state).toBe(state);
    expect((await place.platform.store.spend(id)).settledMicroUsd).toBeLessThan(noted.microUsd);
    expect(await buryTask(place.platform, "work", sampleIdOf(id, 0))).toBe("sample failed");
    expect(await place.platform.store.spend(id)).toMatchObject({ settledMicroUsd: noted.microUsd, reservedMicroUsd: 0, reservedCalls: 0 });
    expect(await sampleOf(place, id)).toMatchObject({ state: "failed", costMicroUsd: noted.microUsd });
  });

  test("is settled when the sample turns out to be a duplicate before anything more is paid", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    const noted = noteReplies(place);
    await dieBeforeSettling(place, id, "-describe/0");
    const { patch } = await readTrajectory(place.platform.artifacts, id, firstRolloutId(sampleIdOf(id, 0), 1));
    await place.platform.store.claimPatch(id, patchHash(patch), sampleIdOf(id, 1));
    const asked = place.teacher.answered.size;
    expect(await workTask(place.platform, place.workshop, sampleIdOf(id, 0), ALLOWED)).toBe("done");
    expect(place.teacher.answered.size).toBe(asked);
    expect(await place.platform.store.spend(id)).toMatchObject({ settledMicroUsd: noted.microUsd, reservedCalls: 0 });
    expect(await sampleOf(place, id)).toMatchObject({ state: "rejected", reason: "duplicate", costMicroUsd: noted.microUsd });
  });
});

test("a journal that is damaged does not keep its sample from ending, and takes nothing from its cost", async () => {
  await using place = await controlPlace();
  const id = await place.running();
  const noted = noteReplies(place);
  place.teacher.refuse = ({ callId }) => (callId.includes("-second") ? new SeracError("cloud_failed", "Killed.") : null);
  await expect(workTask(place.platform, place.workshop, sampleIdOf(id, 0), ALLOWED)).rejects.toMatchObject({ code: "cloud_failed" });
  const { journal } = place.platform;
  const damaged = () => Promise.reject(new SeracError("record_invalid", "The journal is damaged."));
  Object.assign(journal, { read: damaged, visit: damaged });
  expect(await workTask(place.platform, place.workshop, sampleIdOf(id, 0), ALLOWED)).toBe("done");
  expect(await sampleOf(place, id)).toMatchObject({ state: "failed", reason: "internal", costMicroUsd: noted.microUsd });
});

interface Stretch {
  readonly sample: number;
  /** The worker dies at its nth call of anything, or lives. */
  readonly lifeCalls: number | null;
  readonly isLastCallMade: boolean;
  /** Its teacher refuses the nth call. */
  readonly refusedCall: number | null;
  readonly isSandboxBroken: boolean;
  readonly end: "leave" | "bury" | "retry failed";
}

const SAMPLES = 3;

const stretch: fc.Arbitrary<Stretch> = fc.record({
  sample: fc.nat(SAMPLES - 1),
  lifeCalls: fc.option(fc.integer({ min: 1, max: 80 }), { freq: 3 }),
  isLastCallMade: fc.boolean(),
  refusedCall: fc.option(fc.nat(8)),
  isSandboxBroken: fc.boolean(),
  end: fc.constantFrom("leave", "leave", "bury", "retry failed"),
});

const CALM: Omit<Stretch, "sample"> = { lifeCalls: null, isLastCallMade: true, refusedCall: null, isSandboxBroken: false, end: "leave" };
let workers = 0;

/** One worker's time with a sample, whatever becomes of it. */
async function workFor(place: Place, runId: string, doing: Stretch): Promise<AdvanceOutcome | "thrown" | "died"> {
  const { platform, workshop, death } = mortal(place.platform, place.workshop, doing.lifeCalls ?? Infinity, doing.isLastCallMade);
  let calls = 0;
  place.teacher.refuse = () => (calls++ === doing.refusedCall ? new TeacherError("teacher_rejected", "No.", { status: 422 }) : null);
  place.sandbox.broken = doing.isSandboxBroken ? noSandbox() : null;
  const over = new AbortController();
  const deps = {
    platform: { ...platform, teacher: await workshop.teacher({} as never), sandbox: await workshop.sandbox() },
    runContext: async () => contextOf(place.platform, await place.run(runId)),
    owner: `worker-${workers++}`,
    leaseMs: 60_000,
    signal: never,
    onEvent: () => {},
  };
  const working = Promise.race([
    advance(sampleIdOf(runId, doing.sample), deps, Infinity).catch(() => "thrown" as const),
    death.then(() => "died" as const),
  ]).finally(() => over.abort());
  while (!over.signal.aborted) await place.clock.advance(100);
  place.teacher.refuse = () => null;
  place.sandbox.broken = null;
  // The lease of a worker that died ends.
  await place.clock.advance(61_000);
  return working;
}

async function expectAccounted(place: Place, runId: string, noted: { readonly microUsd: number }): Promise<void> {
  const samples = await place.platform.store.listSamples(runId, { limit: SAMPLES });
  expect(samples.every(({ state }) => FINAL_STATES.includes(state))).toBe(true);
  const { settledMicroUsd } = await place.platform.store.spend(runId);
  expect(samples.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0)).toBe(settledMicroUsd);
  expect(settledMicroUsd).toBe(noted.microUsd);
}

test(
  "whoever dies, fails or is buried: the samples cost what was settled, and that is what the journals hold",
  { timeout: 120_000 },
  async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(stretch, { minLength: 3, maxLength: 14 }), async (stretches) => {
        await using place = await controlPlace();
        const id = await place.running();
        const noted = noteReplies(place);
        for (const doing of stretches) {
          seen.add(await workFor(place, id, doing));
          if (doing.end === "bury") seen.add(await buryTask(place.platform, "work", sampleIdOf(id, doing.sample)));
          if (doing.end === "retry failed") await reopenFailed(place.platform, id, "unit");
        }
        for (let sample = 0; sample < SAMPLES; sample++) expect(await workFor(place, id, { ...CALM, sample })).toBe("done");
        await expectAccounted(place, id, noted);
        await reopenFailed(place.platform, id, "unit");
        for (let sample = 0; sample < SAMPLES; sample++) await workFor(place, id, { ...CALM, sample });
        await expectAccounted(place, id, noted);
      }),
      { numRuns: 10 },
    );
    // Or the test would show nothing.
    expect([...seen].toSorted()).toEqual(expect.arrayContaining(["died", "done", "sample failed"]));
  },
);
