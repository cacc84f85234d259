import { sampleRollout } from "../sample-rollout.ts";
import { scorePatches } from "../recall/index.ts";
import type { SampleScore } from "../sample.ts";
import { readTrajectory } from "../trajectories.ts";
import { withoutPatch } from "./first.ts";
import type { Stage } from "./stage.ts";

/** second -> scored. The second rollout sees the pull request text and nothing else of the first. */
export const secondStage: Stage = async (sample, context) => {
  const outcome = await sampleRollout(sample.secondRolloutId!, { kind: "pull_request", text: sample.pullRequest! }, sample, context);
  if (outcome === "continue") return "continue";
  if (outcome.patch === "") {
    const why = withoutPatch(outcome);
    const isFault = why === "environment" || why === "teacher_unreachable";
    const reason = why === "no_change" ? "second_no_change" : why;
    return { to: isFault ? "failed" : "rejected", change: { reason, detail: outcome.detail } };
  }
  const first = await readTrajectory(context.platform.artifacts, sample.runId, sample.firstRolloutId!);
  return { to: "scored", change: { score: scoreOf(first.patch, outcome.patch) } };
};

function scoreOf(target: string, candidate: string): SampleScore {
  const score = scorePatches(target, candidate, "serac");
  return {
    recall: score.recall ?? 0,
    precision: score.precision,
    matched: score.matched,
    targetLines: score.target,
    candidateLines: score.candidate,
    recallSera: scorePatches(target, candidate, "sera").recall,
  };
}
