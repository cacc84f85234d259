import type { Step } from "../agent/trajectory.ts";

/** A rollout's steps as plain text, for a reader that was not there: what was said, what was run, what came back. */
export function transcriptOf(steps: readonly Step[]): string {
  return steps.map(stepText).join("\n\n");
}

function stepText(step: Step, index: number): string {
  const parts = [`[step ${index + 1}]`];
  if (step.reply.content.trim() !== "") parts.push(step.reply.content.trim());
  for (const call of step.reply.toolCalls) parts.push(`call ${call.name} ${call.arguments}`);
  for (const observation of step.observations) parts.push(observation.content);
  if (step.requery !== null) parts.push(`refused: ${step.requery}`);
  return parts.join("\n");
}

/** Without the oldest quarter, rounded up; null when one step or none is left to drop from. Source: SERA's self-evaluation loop. */
export function dropOldestQuarter(steps: readonly Step[]): readonly Step[] | null {
  if (steps.length <= 1) return null;
  return steps.slice(Math.ceil(steps.length / 4));
}
