import type { AssistantMessage, Message, ToolDefinition } from "./messages.ts";
import type { Usage } from "./teacher.ts";

export const EXIT_STATUSES = [
  "submitted",
  "exit_context",
  "exit_cost",
  "exit_format",
  "exit_api",
  "exit_command_timeout",
  "exit_total_execution_time",
  "exit_environment_error",
  "exit_error",
  "exit_forfeit",
] as const;

export type ErrorExit = Exclude<(typeof EXIT_STATUSES)[number], "submitted">;
/** An error exit that left a patch is written `submitted (exit_…)`. Only exactly `submitted` trains. */
export type ExitStatus = "submitted" | ErrorExit | `submitted (${ErrorExit})`;

/** One teacher reply and what came of it. Failed attempts (requeries) are kept, and marked. */
export interface Step {
  readonly callId: string;
  readonly reply: AssistantMessage;
  readonly finishReason: string;
  /** One per tool call that ran, in order. Empty when the reply was requeried. */
  readonly observations: readonly Observation[];
  /** What the model was told when its reply could not be acted on; such steps never reach the training text. */
  readonly requery: string | null;
  readonly usage: Usage;
  readonly costMicroUsd: number;
  readonly model: string;
  readonly latencyMs: number;
  readonly at: string;
}

export interface Observation {
  readonly toolCallId: string;
  readonly content: string;
  readonly executionMs: number;
  readonly timedOut: boolean;
}

/** All steps of one rollout. */
export interface Trajectory {
  readonly rolloutId: string;
  readonly toolset: string;
  readonly tools: readonly ToolDefinition[];
  /** System and instance prompt. */
  readonly prompt: readonly Message[];
  readonly steps: readonly Step[];
  readonly exitStatus: ExitStatus;
  readonly detail: string | null;
  readonly patch: string;
  readonly usage: Usage;
  readonly costMicroUsd: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly rehearsal: boolean;
}
