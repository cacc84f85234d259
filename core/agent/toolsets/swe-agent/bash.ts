import { interruption, observation, outputText, withNote } from "../../observation.ts";
import type { CallContext, CallResult } from "../../toolset.ts";
import type { SweAgentEffect, SweAgentState } from "./state.ts";

/** SWE-agent's word for giving up; here a command of its own, so that no program's output can end a rollout. */
const FORFEIT = "exit_forfeit";

export async function runBash(command: string, { sandbox, limits, signal }: CallContext<SweAgentState>): Promise<CallResult> {
  if (command.trim() === FORFEIT) {
    const effect: SweAgentEffect = { type: "forfeit" };
    return { content: observation("The task was given up."), effect, changed: false, timedOut: false, executionMs: 0 };
  }
  const timeoutMs = limits.commandSeconds * 1000;
  const result = await sandbox.exec(command, { timeoutMs, shell: "session", signal });
  const text = withNote(outputText(result.output), interruption(result, timeoutMs));
  return {
    content: observation(text, result.omittedBytes),
    effect: null,
    changed: true,
    timedOut: result.outcome === "timeout",
    executionMs: Math.min(result.durationMs, timeoutMs),
  };
}
