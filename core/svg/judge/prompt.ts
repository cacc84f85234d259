import type { Message } from "../../agent/messages.ts";
import type { Step } from "../../agent/trajectory.ts";
import { transcriptOf } from "../transcript.ts";

const SYSTEM = `You review the work of a software engineer who was given a short, vague complaint about a code base.
You see the complaint, what the engineer did step by step, and the final change.
Decide whether the final change is a sensible answer to the complaint: it touches the code that the complaint is about (or code that this code depends on or is used by), it changes behaviour or structure in the direction that the complaint asks for, and it would not obviously break the program.
The complaint is vague on purpose, so more than one answer can be right. A change that only edits tests, only adds a script or notes, only reformats, or has nothing to do with the complaint is not an answer.`;

/** Is the final change a fix in the sense of the prompt? The answer comes as `<output>yes</output>` or `<output>no</output>`. */
export function judgeMessages(complaint: string, steps: readonly Step[], patch: string, isCut: boolean): readonly Message[] {
  const user = `The complaint:

${complaint}

What the engineer did${isCut ? " (the earliest steps are left out)" : ""}:

${transcriptOf(steps)}

The final change:

${patch}

Think it over briefly, then give your verdict as exactly one of
<output>yes</output>
<output>no</output>`;
  return [
    { role: "system", content: SYSTEM },
    { role: "user", content: user },
  ];
}
