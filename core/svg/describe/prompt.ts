import type { Message } from "../../agent/messages.ts";
import type { Step } from "../../agent/trajectory.ts";
import { transcriptOf } from "../transcript.ts";

const SYSTEM = `You write the text of an issue or pull request for a software project, from the record of work that was done on it.
A different engineer, who has the code as it was before the work and nothing else, must be able to find the place and understand what is wrong or missing.
Describe the problem: what one observes, when, where in the code base (files, functions, classes by name), what would be expected instead, and why it matters. A small example of use is welcome.
Do not describe the solution: no diff, no line of the changed code, no list of edits, no hint which statement to write. Do not mention the record, the engineer, a complaint or these instructions.`;

/** Turns a first rollout into the text that the second rollout works from, in the style of one demonstration. */
export function describeMessages(input: {
  readonly complaint: string;
  readonly steps: readonly Step[];
  readonly patch: string;
  readonly demonstration: string;
  readonly isCut: boolean;
}): readonly Message[] {
  const user = `This text from a project shows the style, tone and length to write in; its subject has nothing to do with yours:

----- example
${input.demonstration}
----- end of example

The work began with this remark:

${input.complaint}

What was done${input.isCut ? " (the earliest steps are left out)" : ""}:

${transcriptOf(input.steps)}

The change that came of it:

${input.patch}

Write the text for this change. Put it, and nothing else, between <output> and </output>.`;
  return [
    { role: "system", content: SYSTEM },
    { role: "user", content: user },
  ];
}

/** Asks once more after a leak: `lines` are the patch lines that the text repeats. */
export function rewriteMessages(asked: readonly Message[], text: string, lines: readonly string[]): readonly Message[] {
  const quoted = lines
    .slice(0, 10)
    .map((line) => `  ${line}`)
    .join("\n");
  return [
    ...asked,
    { role: "assistant", content: `<output>\n${text}\n</output>`, reasoning: null, toolCalls: [] },
    {
      role: "user",
      content: `The text gives parts of the change away. These lines of the change stand in it word for word:

${quoted}

Write it again without them and without any other code of the change; tell the problem only. Put it between <output> and </output>.`,
    },
  ];
}
