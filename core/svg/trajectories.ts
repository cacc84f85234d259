import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type { Trajectory } from "../agent/trajectory.ts";
import type { ArtifactStore } from "./artifacts.ts";
import { patchKey, trajectoryKey } from "./names.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** A trajectory holds at most some hundred observations of 100,000 characters; more than this is not ours. */
const MAX_TRAJECTORY_BYTES = 256 * 1024 * 1024;

/** Idempotent: the same rollout gives the same bytes. */
export async function writeTrajectory(artifacts: ArtifactStore, runId: string, trajectory: Trajectory): Promise<void> {
  await artifacts.put(patchKey(runId, trajectory.rolloutId), Buffer.from(trajectory.patch));
  const json = Buffer.from(JSON.stringify(trajectory));
  await artifacts.put(trajectoryKey(runId, trajectory.rolloutId), await compress(json));
}

/** What `writeTrajectory` wrote; SeracError("artifact_missing") when there is none. */
export async function readTrajectory(artifacts: Pick<ArtifactStore, "get">, runId: string, rolloutId: string): Promise<Trajectory> {
  const packed = await artifacts.get(trajectoryKey(runId, rolloutId));
  const json = await decompress(packed, { maxOutputLength: MAX_TRAJECTORY_BYTES });
  const trajectory: Trajectory = JSON.parse(json.toString());
  return trajectory;
}
