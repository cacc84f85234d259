import type { Session } from "./session.ts";
import type { Call, RolloutLimits, Toolset } from "./toolset.ts";
import type { ErrorExit } from "./trajectory.ts";

/** In a row; SWE-agent's figures. */
export const MAX_REQUERIES = 3;
export const MAX_TIMEOUTS = 3;

export type Decision =
  | { readonly do: "start" }
  | { readonly do: "ask" }
  | { readonly do: "refuse"; readonly text: string }
  /** `calls` of the last reply; the one at `index` is next. */
  | { readonly do: "execute"; readonly calls: readonly Call[]; readonly index: number }
  | { readonly do: "end"; readonly status: "submitted" | ErrorExit; readonly detail: string | null }
  | { readonly do: "nothing" };

/** The one next thing to do, from what is journaled alone: a rollout that goes on after a crash decides as one that never stopped. */
export function decide(session: Session, toolset: Toolset, limits: RolloutLimits): Decision {
  if (session.end !== null) return { do: "nothing" };
  if (session.startedAt === null) return { do: "start" };

  const verdict = toolset.verdict(session.toolState);
  if (verdict !== null) return { do: "end", status: verdict, detail: null };
  if (session.timeoutsInARow >= MAX_TIMEOUTS) {
    return end("exit_command_timeout", `${MAX_TIMEOUTS} commands in a row ran longer than ${limits.commandSeconds} seconds.`);
  }
  if (session.executionMs > limits.totalCommandSeconds * 1000) {
    return end("exit_total_execution_time", `Commands ran longer than ${limits.totalCommandSeconds} seconds in all.`);
  }

  const last = session.steps.at(-1);
  if (last !== undefined && last.requery === null) {
    const parsed = toolset.parse(last.reply);
    if (parsed.kind === "requery") return { do: "refuse", text: parsed.text };
    const index = last.observations.length;
    if (index < parsed.calls.length) return { do: "execute", calls: parsed.calls, index };
  }

  if (session.requeriesInARow >= MAX_REQUERIES) return end("exit_format", `${MAX_REQUERIES} replies in a row could not be acted on.`);
  if (session.steps.length >= limits.maxCalls) return end("exit_cost", `The limit of ${limits.maxCalls} calls is reached.`);
  if (last !== undefined && last.requery === null && last.usage.inputTokens + last.usage.outputTokens > limits.contextTokens) {
    return end("exit_context", `The conversation is longer than ${limits.contextTokens} tokens.`);
  }
  return { do: "ask" };
}

function end(status: ErrorExit, detail: string): Decision {
  return { do: "end", status, detail };
}
