import type { SeracConfig } from "../../config/schema.ts";
import { measure, type Measured } from "../../plan/earlier/measure.ts";
import type { ObservedSample } from "../../plan/earlier/observed.ts";
import type { StatePlatform } from "../platform.ts";
import type { SampleRecord } from "../sample.ts";
import type { RunRecord } from "../store.ts";
import { observeSample } from "./observe-sample.ts";

export interface EarlierOptions {
  /** Samples to look at, at most: two trajectories are read for each. */
  readonly most: number;
}

/** Of the newest runs; those before them were made in other days of the teacher. */
const MOST_RUNS = 100;
const AT_ONCE = 8;

/**
 * What finished runs here have measured with the teacher and the toolset of this configuration: the newest runs first, as many samples
 * as `most` allows. Null without a teacher, and where there is too little to learn from. A rehearsal measures nothing.
 */
export async function measureEarlier(
  { store, artifacts }: Pick<StatePlatform, "store" | "artifacts">,
  config: SeracConfig,
  { most }: EarlierOptions,
): Promise<Measured | null> {
  if (config.teacher === undefined) return null;
  const runs = (await store.listRuns({ limit: MOST_RUNS })).filter((run) => isComparable(run, config));
  const found: SampleRecord[] = [];
  for (const { id } of runs) {
    if (found.length === most) break;
    const samples = await store.listSamples(id, { states: ["accepted", "rejected"], limit: most - found.length });
    found.push(...samples);
  }
  const observed: ObservedSample[] = [];
  for (let at = 0; at < found.length; at += AT_ONCE) {
    observed.push(...(await Promise.all(found.slice(at, at + AT_ONCE).map((sample) => observeSample(artifacts, sample)))));
  }
  return measure(observed);
}

const isComparable = ({ state, rehearsal, config }: RunRecord, { teacher, rollout }: SeracConfig): boolean =>
  state === "finished" && !rehearsal && config.teacher?.model === teacher?.model && config.rollout.toolset === rollout.toolset;
