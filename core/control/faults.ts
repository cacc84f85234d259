import * as z from "zod";
import { SeracError, type PausedError } from "../errors/index.ts";
import type { ArtifactStore } from "../svg/artifacts.ts";
import { isOutsideFault, tooManyFaults, type OutsideFault } from "../svg/pipeline/breaker.ts";
import { isTooLong, rowAfter, type Standing } from "../svg/pipeline/fault-row.ts";
import type { StatePlatform } from "../svg/platform.ts";
import { FINAL_STATES } from "../svg/sample.ts";
import type { RunRecord, StateCount } from "../svg/store.ts";

/**
 * The fault breaker of workers that share no memory. What they share are the counts of the store, and a file of the run that holds where
 * the row of faults began; it is written on faults alone, and when two write at once, the row begins a little later.
 */
const rowKey = (runId: string): string => `runs/${runId}/faults.json`;

/** To be called after a sample failed for an outside reason. Returns why the run has to pause, or null. */
export async function noteFault(platform: StatePlatform, run: RunRecord, reason: OutsideFault): Promise<PausedError | null> {
  const start = await readStart(platform.artifacts, run.id);
  const row = rowAfter(start, standingOf(await platform.store.countSamples(run.id)));
  if (!isSame(row.start, start)) await writeStart(platform.artifacts, run.id, row.start);
  return isTooLong(row, run.config) ? tooManyFaults(reason, row.inARow) : null;
}

/** To be called when a run begins or goes on: what failed before is forgiven. */
export async function forgiveFaults(platform: StatePlatform, runId: string): Promise<void> {
  await writeStart(platform.artifacts, runId, standingOf(await platform.store.countSamples(runId)));
}

/** Progress: samples that ended in any other way, and samples that are beyond their first rollout. */
export function standingOf(counts: readonly StateCount[]): Standing {
  const sum = (wanted: (count: StateCount) => boolean): number => counts.filter(wanted).reduce((total, { samples }) => total + samples, 0);
  const isFault = ({ state, reason }: StateCount): boolean => state === "failed" && isOutsideFault(reason);
  const isEnd = (count: StateCount): boolean => FINAL_STATES.includes(count.state) && !isFault(count);
  const isBeyondFirst = ({ state }: StateCount): boolean => !FINAL_STATES.includes(state) && state !== "planned" && state !== "first";
  return { faults: sum(isFault), progress: [sum(isEnd), sum(isBeyondFirst)] };
}

const isSame = (a: Standing, b: Standing): boolean => a.faults === b.faults && a.progress.join() === b.progress.join();

const NOTHING_YET: Standing = { faults: 0, progress: [] };
const standingSchema = z.object({ faults: z.int(), progress: z.array(z.int()) });

async function readStart(artifacts: ArtifactStore, runId: string): Promise<Standing> {
  try {
    const start = standingSchema.safeParse(JSON.parse(Buffer.from(await artifacts.get(rowKey(runId))).toString()));
    return start.data ?? NOTHING_YET;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return NOTHING_YET;
    throw error;
  }
}

const writeStart = (artifacts: ArtifactStore, runId: string, start: Standing): Promise<void> =>
  artifacts.put(rowKey(runId), Buffer.from(JSON.stringify(start)));
