import { trajectorySchema } from "../agent/trajectory-schema.ts";
import type { Trajectory } from "../agent/trajectory.ts";
import type { ArtifactStore } from "./artifacts.ts";
import { patchKey, trajectoryKey } from "./names.ts";
import { packJson, unpackJson } from "./packed-json.ts";

/** Idempotent: the same rollout gives the same bytes. */
export async function writeTrajectory(artifacts: ArtifactStore, runId: string, trajectory: Trajectory): Promise<void> {
  await artifacts.put(patchKey(runId, trajectory.rolloutId), Buffer.from(trajectory.patch));
  await artifacts.put(trajectoryKey(runId, trajectory.rolloutId), await packJson(trajectory));
}

/**
 * What `writeTrajectory` wrote; nobody knows what became of it since. SeracError("artifact_missing") when there is none,
 * InputError("record_invalid") when it is damaged.
 */
export async function readTrajectory(
  artifacts: Pick<ArtifactStore, "get"> & Partial<Pick<ArtifactStore, "locate">>,
  runId: string,
  rolloutId: string,
): Promise<Trajectory> {
  const key = trajectoryKey(runId, rolloutId);
  return unpackJson(await artifacts.get(key), artifacts.locate?.(key) ?? key, trajectorySchema);
}
