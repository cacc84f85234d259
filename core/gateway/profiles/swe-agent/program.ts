import { observation } from "../../../agent/observation.ts";
import type { CommandPathMap } from "../../paths/create-path-map.ts";
import type { JsonObject, ToolResultBlock, ToolUseBlock } from "../../client/request.ts";
import type { Effect, Memory } from "./memory.ts";
import { rejectionText } from "./results/rejection.ts";
import { blockText } from "./history/block-text.ts";

/**
 * What the client does for one call of the model: asks for client calls, gets their results, ends with what the model sees. A generator
 * that is run from its beginning at every request, with the results that the history holds so far: nothing is kept in between.
 */
export type Program = Generator<ClientCall, Outcome, DoneStep>;

export interface ClientCall {
  /** Of the client's tools. */
  readonly name: string;
  readonly input: JsonObject;
}

export type Outcome =
  | { readonly kind: "observation"; readonly text: string; readonly effects: readonly Effect[] }
  /** The reply could not be acted on; `text` tells the model why. */
  | { readonly kind: "requery"; readonly text: string };

/** What a program may know: its paths, and what this conversation showed before the reply that holds the call. */
export interface Ground {
  readonly paths: CommandPathMap;
  readonly memory: Memory;
}

export type Progress =
  | { readonly state: "ended"; readonly outcome: Outcome }
  | { readonly state: "wants"; readonly call: ClientCall; readonly step: number }
  /** The client gave a call no result. */
  | { readonly state: "lost" };

/** A client call that was made for a program, and what came of it; null when nothing did yet. */
export interface Step {
  readonly use: ToolUseBlock;
  readonly result: ToolResultBlock | null;
}

/** `use` may differ from what was asked for: clients take white space off the ends of lines. */
export interface DoneStep extends Step {
  readonly result: ToolResultBlock;
}

/** Runs a program as far as the steps in the history go. What a person refused ends it, and the model reads the refusal. */
export function runProgram(program: Program, steps: readonly Step[], paths: CommandPathMap): Progress {
  let state = program.next();
  for (const { use, result } of steps) {
    if (state.done === true) break;
    if (result === null) return { state: "lost" };
    const rejection = rejectionText(result);
    // Another call than ours: the history was made by another version, or changed by a hook.
    if (rejection !== null || use.name !== state.value.name) return ended(paths.toModel(rejection ?? blockText(result)));
    state = program.next({ use, result });
  }
  if (state.done === true) return { state: "ended", outcome: state.value };
  return { state: "wants", call: state.value, step: steps.length };
}

function ended(text: string): Progress {
  return { state: "ended", outcome: observed(observation(text)) };
}

export function observed(text: string, ...effects: readonly Effect[]): Outcome {
  return { kind: "observation", text, effects };
}
