import type { JournalEntry } from "../core/agent/journal.ts";
import type { Trajectory } from "../core/agent/trajectory.ts";
import { InputError, SeracError } from "../core/errors/index.ts";
import { sampleIdOf } from "../core/plan/sample-id.ts";
import type { StatePlatform } from "../core/svg/platform.ts";
import type { SampleRecord } from "../core/svg/sample.ts";
import type { RunStore } from "../core/svg/store.ts";
import { readTrajectory } from "../core/svg/trajectories.ts";
import { findRun } from "./run-ids.ts";

/** A sample by its id, or by a run (see findRun) and its number: `latest-s12`. InputError: sample_unknown, run_unknown. */
export async function findSample(store: RunStore, given: string): Promise<SampleRecord> {
  const exact = await store.getSample(given);
  if (exact !== null) return exact;
  const match = /^(.+)-s0*(\d+)$/.exec(given);
  if (match === null) {
    throw new InputError("sample_unknown", `There is no sample ${JSON.stringify(given)}.`, {
      hint: "A sample is named by its run and its number, such as latest-s1; `serac status` lists the runs.",
    });
  }
  const run = await findRun(store, match[1]!);
  const sample = await store.getSample(sampleIdOf(run.id, Number(match[2]) - 1));
  if (sample !== null) return sample;
  throw new InputError("sample_unknown", `Run ${run.id} has no sample ${match[2]}: it has ${run.planned}, from 1.`);
}

/** One rollout of a sample, as far as it got. */
export interface ShownRollout {
  readonly which: "first" | "second";
  readonly rolloutId: string;
  /** Null while the rollout has not ended; `journal` says how far it is. */
  readonly trajectory: Trajectory | null;
  readonly journal: readonly JournalEntry[] | null;
  /** Teacher replies so far, where the journal itself is not at hand. */
  readonly replies?: number;
}

export async function readRollouts(platform: StatePlatform, sample: SampleRecord): Promise<readonly ShownRollout[]> {
  const ids = [
    ["first", sample.firstRolloutId],
    ["second", sample.secondRolloutId],
  ] as const;
  const rollouts: ShownRollout[] = [];
  for (const [which, rolloutId] of ids) if (rolloutId !== null) rollouts.push(await readRollout(platform, sample.runId, which, rolloutId));
  return rollouts;
}

async function readRollout(platform: StatePlatform, runId: string, which: ShownRollout["which"], rolloutId: string): Promise<ShownRollout> {
  try {
    return { which, rolloutId, trajectory: await readTrajectory(platform.artifacts, runId, rolloutId), journal: null };
  } catch (error) {
    if (!(error instanceof SeracError) || error.code !== "artifact_missing") throw error;
    return { which, rolloutId, trajectory: null, journal: await platform.journal.read(rolloutId) };
  }
}
