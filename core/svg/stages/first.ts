import type { Trajectory } from "../../agent/trajectory.ts";
import { complaintFor } from "../../plan/complaint.ts";
import { judgeRollout } from "../judge/judge.ts";
import { firstRolloutId } from "../names.ts";
import { scorePatches } from "../recall/index.ts";
import { sampleRollout } from "../sample-rollout.ts";
import { kindOf, type SampleReason, type SampleRecord } from "../sample.ts";
import type { Stage, StageContext, StageResult } from "./stage.ts";

/**
 * first -> judged, or first again with a fresh workspace and the next bug kind, or the end of the sample.
 * Up to `rollout.attempts` first rollouts (SERA: 3).
 */
export const firstStage: Stage = async (sample, context) => {
  const complaint = complaintFor(kindOf(sample), sample.function, context.run.record.config.plan);
  const task = { kind: "complaint", functionName: sample.function.name, path: sample.function.path, complaint } as const;
  const outcome = await sampleRollout(sample.firstRolloutId!, task, sample, context);
  if (outcome === "continue") return "continue";
  if (outcome.patch === "") return nextAttempt(sample, context, withoutPatch(outcome), outcome.detail);
  if (scorePatches(outcome.patch, "", "serac").target === 0) {
    return { to: "rejected", change: { reason: "nothing_to_verify", detail: "The first rollout changed no countable line." } };
  }

  const verdict = await judgeRollout({ trajectory: outcome, complaint }, context);
  if (verdict === "continue") return "continue";
  if (verdict.answer === "yes") return { to: "judged", change: { firstAccepted: true } };
  const reason = verdict.answer === "no" ? "judged_bad" : "bad_verdict";
  return nextAttempt(sample, context, reason, null);
};

function nextAttempt(sample: SampleRecord, context: StageContext, reason: SampleReason, detail: string | null): StageResult {
  const attempts = Math.min(context.run.record.config.rollout.attempts, sample.kinds.length);
  // Another kind of complaint does not bring a teacher back that is away.
  if (reason !== "teacher_unreachable" && sample.attempts < attempts) {
    const next = sample.attempts + 1;
    return { to: "first", change: { attempts: next, firstRolloutId: firstRolloutId(sample.id, next) } };
  }
  const isFault = reason === "environment" || reason === "teacher_unreachable";
  return { to: isFault ? "failed" : "rejected", change: { reason, detail } };
}

/** Why a rollout that left no patch counts for nothing. */
export function withoutPatch(trajectory: Trajectory): SampleReason {
  switch (trajectory.exitStatus) {
    case "submitted":
      return "no_change";
    case "exit_environment_error":
      return "environment";
    case "exit_api":
      return "teacher_unreachable";
    default:
      return "rollout_incomplete";
  }
}
