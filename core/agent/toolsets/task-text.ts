import type { Task } from "../toolset.ts";

/** The part of an instance prompt that differs between the two rollouts. A pull request's prompt holds its text and nothing else. */
export function taskText(task: Task): string {
  if (task.kind === "pull_request") {
    return `This change is asked for:\n\n<pull_request>\n${task.text.trim()}\n</pull_request>`;
  }
  return `There is a problem around the function \`${task.functionName}\` in \`${task.path}\`:\n\n<problem>\n${task.complaint.trim()}\n</problem>`;
}
