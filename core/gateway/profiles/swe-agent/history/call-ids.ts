import type { JsonObject, ToolUseBlock } from "../../../client/request.ts";
import { decodeCallId, encodeCallId } from "../../../state/call-id.ts";
import type { CallState } from "../../../state/state.ts";

/** What the id of a client call says: it began a call of the model, or went on with one. */
export type ReadId =
  | { readonly kind: "call"; readonly state: CallState }
  /** `call` counts the calls of the reply. */
  | { readonly kind: "step"; readonly call: number };

/** The id of a program's first client call; it carries the model's own call, readable without knowing the client's directory. */
export function callId(state: Omit<CallState, "step">, input: JsonObject, unique: string): string {
  return encodeCallId({ ...state, step: 0 }, input, unique);
}

/** The id of a later client call of the program. */
export function stepId(call: number, step: number, input: JsonObject, unique: string): string {
  return encodeCallId({ name: "", arguments: String(call), step, before: "", isUnparsed: false }, input, unique);
}

/** Null for a call that is not the gateway's. */
export function readId({ id, input }: ToolUseBlock): ReadId | null {
  const state = decodeCallId(id, input);
  if (state === null) return null;
  if (state.step === 0) return { kind: "call", state };
  const call = Number(state.arguments);
  return Number.isSafeInteger(call) && call >= 0 ? { kind: "step", call } : null;
}
