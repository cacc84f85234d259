import { createHash } from "node:crypto";
import { observation, OBSERVATION_PREFIX } from "../../observation.ts";
import { readPatch } from "../../patch-text.ts";
import type { Sandbox } from "../../sandbox.ts";
import type { CallResult } from "../../toolset.ts";
import type { SweAgentEffect, SweAgentState } from "./state.ts";

/** The first showing, and at most two more when the work went on after it. */
export const MAX_REVIEWS = 3;

/**
 * The first call shows the diff and asks for a last check; the next one ends the rollout unless the diff is another by
 * then. The diff comes from the sandbox, never from anything that a command printed.
 */
export async function runSubmit(sandbox: Sandbox, state: SweAgentState): Promise<CallResult> {
  const patch = await readPatch(sandbox);
  if (patch === null) {
    const text =
      "The diff of your work is too large to submit. Remove what does not belong to it, such as generated files, and submit again.";
    return result(observation(text), null);
  }
  const digest = createHash("sha256").update(patch).digest("hex");
  if (state.reviews === 0 || (state.reviewed !== digest && state.reviews < MAX_REVIEWS)) {
    return result(observation(reviewText(patch, state.reviews)), { type: "review", digest });
  }
  return result(patch === "" ? observation("") : OBSERVATION_PREFIX + patch, { type: "submit" });
}

function reviewText(patch: string, earlier: number): string {
  const opening = earlier === 0 ? "Thank you for your work on this." : "Your work has changed since you were shown it.";
  return `${opening} Before it is handed in, please check it once more:

1. If you changed anything after the last run of your reproduction script, run it again now. If it shows that something is still wrong, fix that first.
2. Remove the reproduction script, unless you have done so.
3. If you changed test files, put them back as they were: \`git checkout -- path/to/the/test_file\`.
4. Call submit again.

This is the whole diff of your work:

<diff>
${patch}</diff>`;
}

function result(content: string, effect: SweAgentEffect | null): CallResult {
  return { content, effect, changed: false, timedOut: false, executionMs: 0 };
}
