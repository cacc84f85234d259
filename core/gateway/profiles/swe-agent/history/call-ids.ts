import { escapeText } from "../../../../agent/reserved-literals.ts";
import type { JsonObject, ToolUseBlock } from "../../../client/request.ts";
import type { PathMap } from "../../../paths/path-map.ts";
import type { ServedModel } from "../../../served-model.ts";
import { decodeCallId, encodeCallId } from "../../../state/call-id.ts";
import type { CallState } from "../../../state/state.ts";

/** What the id of a client call says: it began a call of the model, or went on with one. */
export type ReadId =
  | { readonly kind: "call"; readonly state: CallState }
  /** `call` counts the calls of the reply. */
  | { readonly kind: "step"; readonly call: number };

/** Writes and reads the ids of client calls. The first call of a program carries the model's own; the later ones refer to it. */
export interface CallIds {
  ofCall(state: Omit<CallState, "step">, input: JsonObject, unique: string): string;
  ofStep(call: number, step: number, input: JsonObject, unique: string): string;
  /** Null for a call that is not the gateway's. */
  read(use: ToolUseBlock): ReadId | null;
}

export function createCallIds(paths: PathMap, model: ServedModel): CallIds {
  const derive = (text: string) => (model.escapesReserved ? escapeText(paths.toModel(text)) : paths.toModel(text));
  return {
    ofCall: (state, input, unique) => encodeCallId({ ...state, step: 0 }, input, unique, derive),
    ofStep: (call, step, input, unique) =>
      encodeCallId({ name: "", arguments: String(call), step, before: "", isUnparsed: false }, input, unique, derive),
    read({ id, input }) {
      const state = decodeCallId(id, input, derive);
      if (state === null) return null;
      if (state.step === 0) return { kind: "call", state };
      const call = Number(state.arguments);
      return Number.isSafeInteger(call) && call >= 0 ? { kind: "step", call } : null;
    },
  };
}
