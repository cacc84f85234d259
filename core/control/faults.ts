import { SeracError, type PausedError } from "../errors/index.ts";
import type { ArtifactStore } from "../svg/artifacts.ts";
import { FAULTS_IN_A_ROW, isOutsideFault, tooManyFaults, type OutsideFault } from "../svg/pipeline/breaker.ts";
import type { StatePlatform } from "../svg/platform.ts";
import type { RunRecord, StateCount } from "../svg/store.ts";

/**
 * The fault breaker of workers that share no memory. What they share are the counts of the store: as long as outside faults grow and
 * nothing else comes to anything, faults are in a row. A file of the run holds where the row began; it is written on faults alone, and
 * when two write at once, the row begins a little later.
 */
interface RowStart {
  readonly faults: number;
  readonly progress: number;
}

const rowKey = (runId: string): string => `runs/${runId}/faults.json`;

/** Of very many workers the quick failures end first, before any sample that goes well could. */
const SHARE_OF_WORKERS = 0.05;

/** To be called after a sample failed for an outside reason. Returns why the run has to pause, or null. */
export async function noteFault(platform: StatePlatform, run: RunRecord, reason: OutsideFault): Promise<PausedError | null> {
  const now = standing(await platform.store.countSamples(run.id));
  const start = (await readStart(platform.artifacts, run.id)) ?? { faults: 0, progress: 0 };
  if (now.progress > start.progress || now.faults < start.faults) {
    await writeStart(platform.artifacts, run.id, { faults: now.faults - 1, progress: now.progress });
    return null;
  }
  // A sample that fails in its second rollout is progress no more.
  if (now.progress < start.progress) await writeStart(platform.artifacts, run.id, { ...start, progress: now.progress });
  const inARow = now.faults - start.faults;
  const limit = Math.max(FAULTS_IN_A_ROW, Math.ceil((run.config.teacher?.concurrency ?? 1) * SHARE_OF_WORKERS));
  return inARow >= limit ? tooManyFaults(reason, inARow) : null;
}

/** To be called when a run begins or goes on: what failed before is forgiven. */
export async function forgiveFaults(platform: StatePlatform, runId: string): Promise<void> {
  await writeStart(platform.artifacts, runId, standing(await platform.store.countSamples(runId)));
}

function standing(counts: readonly StateCount[]): RowStart {
  const sum = (wanted: (count: StateCount) => boolean): number => counts.filter(wanted).reduce((total, { samples }) => total + samples, 0);
  const isFault = ({ state, reason }: StateCount): boolean => state === "failed" && isOutsideFault(reason);
  return { faults: sum(isFault), progress: sum((count) => !isFault(count) && count.state !== "planned" && count.state !== "first") };
}

async function readStart(artifacts: ArtifactStore, runId: string): Promise<RowStart | null> {
  try {
    const start: RowStart = JSON.parse(Buffer.from(await artifacts.get(rowKey(runId))).toString());
    return start;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  }
}

const writeStart = (artifacts: ArtifactStore, runId: string, start: RowStart): Promise<void> =>
  artifacts.put(rowKey(runId), Buffer.from(JSON.stringify(start)));
