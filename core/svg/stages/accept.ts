import { patchHash } from "../patch/index.ts";
import { readTrajectory } from "../trajectories.ts";
import type { Stage } from "./stage.ts";

/** scored -> accepted | rejected. Recall at or above the threshold counts; of equal patches the first accepted wins. */
export const acceptStage: Stage = async (sample, context) => {
  const { threshold } = context.run.record.config.verify;
  const recall = sample.score!.recall;
  if (recall < threshold) {
    return { to: "rejected", change: { reason: "low_recall", detail: `Recall ${recall.toFixed(3)} is below ${threshold}.` } };
  }
  const first = await readTrajectory(context.platform.artifacts, sample.runId, sample.firstRolloutId!);
  const owner = await context.platform.store.claimPatch(sample.runId, patchHash(first.patch), sample.id);
  if (owner !== sample.id) return { to: "rejected", change: { reason: "duplicate", detail: `The same patch as ${owner}.` } };
  return { to: "accepted", change: {} };
};
