import type { Trajectory } from "../../agent/trajectory.ts";
import type { ObservedRollout, ObservedSample } from "../../plan/earlier/observed.ts";
import { SeracError } from "../../errors/index.ts";
import type { ArtifactStore } from "../artifacts.ts";
import type { SampleRecord } from "../sample.ts";
import { readTrajectory } from "../trajectories.ts";

/** What a sample took, from its record and the trajectories of its newest rollouts. */
export async function observeSample(artifacts: Pick<ArtifactStore, "get">, sample: SampleRecord): Promise<ObservedSample> {
  const ids = [sample.firstRolloutId, sample.secondRolloutId].filter((id) => id !== null);
  const rollouts = await Promise.all(ids.map((id) => observeRollout(artifacts, sample.runId, id)));
  return {
    runId: sample.runId,
    firstRollouts: sample.attempts,
    isDescribed: sample.secondRolloutId !== null,
    isAccepted: sample.state === "accepted",
    rollouts: rollouts.filter((rollout) => rollout !== null),
  };
}

/** Null when the trajectory is gone: an estimate can do without it. */
async function observeRollout(artifacts: Pick<ArtifactStore, "get">, runId: string, id: string): Promise<ObservedRollout | null> {
  try {
    return sumsOf(await readTrajectory(artifacts, runId, id));
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  }
}

function sumsOf({ steps, usage }: Trajectory): ObservedRollout {
  return {
    calls: steps.length,
    inputTokens: usage.inputTokens,
    cachedInputTokens: usage.cachedInputTokens,
    outputTokens: usage.outputTokens,
    longestInputTokens: steps.reduce((most, step) => Math.max(most, step.usage.inputTokens), 0),
    latencyMs: steps.reduce((sum, step) => sum + step.latencyMs, 0),
    executionMs: steps.reduce((sum, step) => sum + step.observations.reduce((all, { executionMs }) => all + executionMs, 0), 0),
  };
}
