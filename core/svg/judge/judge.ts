import type { Trajectory } from "../../agent/trajectory.ts";
import { askUntil } from "../ask-until.ts";
import { judgeStreamId } from "../names.ts";
import { outputOf } from "../output-tag.ts";
import type { StageContext } from "../stages/stage.ts";
import { judgeMessages } from "./prompt.ts";

export interface Verdict {
  /** null: three replies held no verdict. */
  readonly answer: "yes" | "no" | null;
}

/** One teacher call on the steps and the prompt; three tries to read the answer. Source: SERA's self-evaluation. */
export async function judgeRollout(
  input: { readonly trajectory: Trajectory; readonly complaint: string },
  context: StageContext,
): Promise<Verdict | "continue"> {
  const asked = await askUntil(
    judgeStreamId(input.trajectory.rolloutId),
    input.trajectory.steps,
    (steps) => judgeMessages(input.complaint, steps, input.trajectory.patch, steps.length < input.trajectory.steps.length),
    verdictOf,
    context,
  );
  if (asked === "continue") return "continue";
  return { answer: asked.value };
}

function verdictOf(content: string): "yes" | "no" | null {
  const output = outputOf(content)?.toLowerCase().replace(/[.!]$/, "");
  return output === "yes" || output === "no" ? output : null;
}
