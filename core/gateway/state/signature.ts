import type { ThoughtFrame } from "../reply/part.ts";
import { pack, unpack } from "./packed.ts";
import type { ThoughtState } from "./state.ts";

/** Signatures of other models are base64 of other things; none begins so. */
const PREFIX = "serac_";

export function encodeSignature(state: ThoughtState): string {
  return PREFIX + pack(fieldsOf(state));
}

/** Null for a signature of another model or none. */
export function decodeSignature(signature: string): ThoughtState | null {
  const fields = signature.startsWith(PREFIX) ? unpack(signature.slice(PREFIX.length)) : undefined;
  if (!Array.isArray(fields)) return null;
  const [kind, frameFields, callFields, before] = fields as readonly unknown[];
  if (kind === "progress") return { kind };
  const frame = readFrame(frameFields);
  if (kind === "thought") return frame === null || frame === undefined ? null : { kind, frame };
  const calls = readCalls(callFields);
  if (kind !== "hidden-calls" || frame === undefined || calls === null || typeof before !== "string") return null;
  return { kind, frame, calls, before };
}

function fieldsOf(state: ThoughtState): unknown[] {
  if (state.kind === "progress") return [state.kind];
  const frame = state.frame === null ? null : frameFieldsOf(state.frame);
  if (state.kind === "thought") return [state.kind, frame];
  return [state.kind, frame, state.calls.map((call) => [call.name, call.arguments]), state.before];
}

const frameFieldsOf = (frame: ThoughtFrame): string[] =>
  frame.place === "content" ? [frame.place, frame.open, frame.close] : [frame.place];

/** Undefined when it is neither a frame nor null. */
function readFrame(fields: unknown): ThoughtFrame | null | undefined {
  if (fields === null) return null;
  if (!Array.isArray(fields)) return undefined;
  const [place, open, close] = fields as readonly unknown[];
  if (place === "reasoning" || place === "reasoning_content") return { place };
  return place === "content" && typeof open === "string" && typeof close === "string" ? { place, open, close } : undefined;
}

function readCalls(fields: unknown): { name: string; arguments: string }[] | null {
  if (!Array.isArray(fields)) return null;
  const calls: { name: string; arguments: string }[] = [];
  for (const call of fields as readonly unknown[]) {
    const [name, text] = Array.isArray(call) ? (call as readonly unknown[]) : [];
    if (typeof name !== "string" || typeof text !== "string") return null;
    calls.push({ name, arguments: text });
  }
  return calls;
}
