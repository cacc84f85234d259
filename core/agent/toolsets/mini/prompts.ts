import type { Task } from "../../toolset.ts";
import { taskText } from "../task-text.ts";
import { FINAL_COMMAND } from "./definitions.ts";

export const SYSTEM_PROMPT = "You are a software engineer who works on a repository with nothing but a bash shell.";

export function instancePrompt(task: Task): string {
  return `The repository is in /testbed, where every command starts.

${taskText(task)}

Solve this with the smallest change that does it, in files that are not tests: leave tests and configuration as they are. Everything the repository needs is installed.

A way that works well: read the code that matters; write a short script that reproduces the problem and run it; change the source; run the script again and think of edge cases; remove the script.

How the shell works:
- Say what you think, then call the tool bash, once or several times. Several calls of one reply run in order.
- Every command gets a shell of its own: directories and variables do not last. Write \`cd folder && command\` where you need that.
- There is no keyboard: use options such as -y, and edit files with sed, a here-document or a script.

Think carefully before every step. When all is done, run this command in a reply of its own, exactly so; the change in /testbed is then taken as your answer and nothing more can be done:

${FINAL_COMMAND}`;
}
