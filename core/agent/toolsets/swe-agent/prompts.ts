import type { Task } from "../../toolset.ts";
import { taskText } from "../task-text.ts";

export const SYSTEM_PROMPT =
  "You are a software engineer who works on a repository through tools. You read before you write, and you check what you did.";

export function instancePrompt(task: Task): string {
  return `The repository is in /testbed.

${taskText(task)}

Solve this with the smallest change that does it, in files that are not tests: the tests are taken care of elsewhere and stay as they are. Everything the repository needs is installed.

A way that works well:
1. Find and read the code that matters, with its callers and what it calls.
2. Write a short script that reproduces the problem, and run it with bash.
3. Change the source so that the cause is gone, not just the symptom.
4. Run the script again, and think of the edge cases that the change touches.
5. Remove the script and call submit.

Think carefully before every step; it may take as long as it needs. Each of your replies must hold exactly one tool call.`;
}

/** What the owners of a repository wrote down for those who work in it, behind the task. Only the gateway knows of such. */
export function ownersNotes(notes: string): string {
  return `\n\nThe owners of the repository keep these notes for everybody who works in it:\n\n<notes>\n${notes.trim()}\n</notes>`;
}

/** The answer to a submit in the gateway: there a person reviews the work, and may go on with the conversation. */
export const HANDED_IN = "Your work was handed in.";

export const SUBMIT_ALONE = "Nothing was submitted: `submit` must be the only call of a reply. Call it again when the others are done.";

export const BROKEN_OFF = "The call was broken off before its end.";

/** Said for a person who went on without a word. */
export const GO_ON = "Please go on.";
