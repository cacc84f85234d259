import type { SampleReason, SampleRecord } from "../svg/sample.ts";
import { readTrajectory } from "../svg/trajectories.ts";
import type { DatasetFormat } from "./formats/index.ts";
import type { ExportPlatform } from "./platform.ts";
import { counterOf, factsOf, readFacts, type StoredFacts } from "./select/facts.ts";
import type { Tokenizer } from "./tokenizer/index.ts";
import type { Trajectory } from "../agent/trajectory.ts";

export type DatasetName = "t1" | "t2";
export const DATASETS: readonly DatasetName[] = ["t1", "t2"];

/** Samples whose first rollout the judge took, but which are no example of anything. */
const NOT_IN_T1: readonly (SampleReason | null)[] = ["duplicate", "leak", "nothing_to_verify"];

/** The rollout that a final sample gives to a dataset: the judged first one to T1, the second one of an accepted sample to T2. */
export function rolloutFor(sample: SampleRecord, dataset: DatasetName): string | null {
  if (dataset === "t2") return sample.state === "accepted" ? sample.secondRolloutId : null;
  return sample.firstAccepted && !NOT_IN_T1.includes(sample.reason) ? sample.firstRolloutId : null;
}

const factsKey = (runId: string, rolloutId: string, format: DatasetFormat): string =>
  `runs/${runId}/rollouts/${rolloutId}/facts-${format.counted.name}.json`;

export interface Counting {
  readonly format: DatasetFormat;
  readonly tokenizer: Tokenizer;
}

/**
 * The facts of a rollout: as stored beside the trajectory, else counted now and stored. Called when a rollout ends, it spares the export
 * the counting, which is what takes its time. The trajectory comes along when it had to be read.
 */
export async function rolloutFacts(
  platform: ExportPlatform,
  runId: string,
  rolloutId: string,
  counting: Counting,
): Promise<{ readonly facts: StoredFacts; readonly trajectory: Trajectory | null }> {
  const key = factsKey(runId, rolloutId, counting.format);
  const stored = await platform.artifacts.get(key).then(
    (content) => readFacts(content, counterOf(counting.format, counting.tokenizer)),
    () => null,
  );
  if (stored !== null) return { facts: stored, trajectory: null };
  const trajectory = await readTrajectory(platform.artifacts, runId, rolloutId);
  const facts = factsOf(trajectory, counting.format, counting.tokenizer);
  // A home that cannot be written to can still be exported from.
  await platform.artifacts.put(key, Buffer.from(JSON.stringify(facts))).catch(() => undefined);
  return { facts, trajectory };
}
