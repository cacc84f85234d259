import type { SeracConfig } from "../config/schema.ts";
import type { AssistantMessage, ToolDefinition } from "./messages.ts";
import type { Sandbox } from "./sandbox.ts";

/** What a rollout is asked to do. */
export type Task =
  /** First rollout: a bug kind's vague description of a function. `path` is relative to the repository. */
  | { readonly kind: "complaint"; readonly functionName: string; readonly path: string; readonly complaint: string }
  /** Second rollout: nothing but the text of a pull request. */
  | { readonly kind: "pull_request"; readonly text: string };

/** A tool call that was understood: the tool exists and its arguments fit the definition. */
export interface Call {
  readonly toolCallId: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export type Parsed =
  | { readonly kind: "calls"; readonly calls: readonly Call[] }
  /** The reply cannot be acted on; `text` tells the model why. */
  | { readonly kind: "requery"; readonly text: string };

export type RolloutLimits = SeracConfig["rollout"];

export interface CallContext<State> {
  readonly sandbox: Sandbox;
  readonly state: State;
  readonly limits: RolloutLimits;
  readonly signal?: AbortSignal;
}

export interface CallResult {
  /** The whole text of the tool message, prefix and clipping included. */
  readonly content: string;
  /** What `reduce` has to know of it: plain JSON, journaled with the observation. Null when the state stays as it is. */
  readonly effect: unknown;
  /** Whether the workspace or the shell may differ from before. */
  readonly changed: boolean;
  readonly timedOut: boolean;
  /** Time that commands ran; counts against the limit of the whole rollout. */
  readonly executionMs: number;
}

/**
 * The tools and texts an agent sees. A toolset keeps nothing itself: its state is folded from the effects of its own
 * observations, so that a rollout goes on after a crash as if nothing had happened.
 */
export interface Toolset<State = unknown> {
  readonly name: string;
  readonly tools: readonly ToolDefinition[];
  readonly systemPrompt: string;
  instancePrompt(task: Task): string;
  /** Pure; accepts any reply. */
  parse(reply: AssistantMessage): Parsed;
  /** Looks at calls with the sandbox's help before any of them runs; what it returns is a requery. Null: go on. */
  vet(calls: readonly Call[], sandbox: Sandbox): Promise<string | null>;
  readonly initialState: State;
  /** Throws SandboxError when the machine is gone; whatever else goes wrong is told to the model. */
  execute(call: Call, context: CallContext<State>): Promise<CallResult>;
  reduce(state: State, effect: unknown): State;
  /** Whether the agent has ended the rollout, and how. */
  verdict(state: State): "submitted" | "exit_forfeit" | null;
}
