import type { Trajectory } from "../../agent/trajectory.ts";
import { askUntil } from "../ask-until.ts";
import { describeStreamId, rewriteStreamId } from "../names.ts";
import { outputOf } from "../output-tag.ts";
import { leaks } from "../patch/index.ts";
import type { SampleReason, SampleRecord } from "../sample.ts";
import type { StageContext } from "../stages/stage.ts";
import { describeMessages, rewriteMessages } from "./prompt.ts";

export type PullRequest = { readonly text: string } | { readonly text: null; readonly reason: SampleReason; readonly detail: string };

/** Writes the pull request text and checks that it gives no line of the patch away; one rewrite. */
export async function writePullRequest(
  input: { readonly sample: SampleRecord; readonly trajectory: Trajectory; readonly complaint: string },
  context: StageContext,
): Promise<PullRequest | "continue"> {
  const { sample, trajectory, complaint } = input;
  const demonstration = context.run.demonstrations[sample.seed % context.run.demonstrations.length]!;
  const prompt = (steps: Trajectory["steps"]): ReturnType<typeof describeMessages> =>
    describeMessages({ complaint, steps, patch: trajectory.patch, demonstration, isCut: steps.length < trajectory.steps.length });

  const written = await askUntil(describeStreamId(sample.id), trajectory.steps, prompt, outputOf, context);
  if (written === "continue") return "continue";
  if (written.value === null) {
    return { text: null, reason: "bad_description", detail: "No reply held a text in <output> tags." };
  }
  const given = leaks(written.value, trajectory.patch);
  if (given.length === 0) return { text: written.value };

  const text = written.value;
  const rewritten = await askUntil(
    rewriteStreamId(sample.id),
    trajectory.steps,
    (steps) => rewriteMessages(prompt(steps), text, given),
    outputOf,
    context,
  );
  if (rewritten === "continue") return "continue";
  const left = rewritten.value === null ? given : leaks(rewritten.value, trajectory.patch);
  if (rewritten.value === null || left.length > 0) {
    return { text: null, reason: "leak", detail: `The text repeats a line of the patch: ${left[0]}` };
  }
  return { text: rewritten.value };
}
