import { describe, expect, test } from "vitest";
import type { JournalEntry } from "../../../core/agent/journal.ts";
import { buryTask } from "../../../core/control/bury.ts";
import { workTask } from "../../../core/control/work.ts";
import { SeracError } from "../../../core/errors/index.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { controlPlace, never, type Place } from "./support/place.ts";

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
});
