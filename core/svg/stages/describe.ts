import { complaintFor } from "../../plan/complaint.ts";
import { writePullRequest } from "../describe/describe.ts";
import { patchHash } from "../patch/index.ts";
import { kindOf } from "../sample.ts";
import { readTrajectory } from "../trajectories.ts";
import type { Stage } from "./stage.ts";

/** judged -> described. A patch that an accepted sample already holds is not paid for any further. */
export const describeStage: Stage = async (sample, context) => {
  const first = await readTrajectory(context.platform.artifacts, sample.runId, sample.firstRolloutId!);
  const owner = await context.platform.store.patchOwner(sample.runId, patchHash(first.patch));
  if (owner !== null && owner !== sample.id) {
    return { to: "rejected", change: { reason: "duplicate", detail: `The same patch as ${owner}.` } };
  }
  const complaint = complaintFor(kindOf(sample), sample.function, context.run.record.config.plan);
  const text = await writePullRequest({ sample, trajectory: first, complaint }, context);
  if (text === "continue") return "continue";
  if (text.text === null) return { to: "rejected", change: { reason: text.reason, detail: text.detail } };
  return { to: "described", change: { pullRequest: text.text } };
};
