import type { JsonObject } from "../client/request.ts";
import { pack, unpack } from "./packed.ts";
import { fillSkeleton, skeletonOf, type Derive } from "./skeleton.ts";
import type { CallState } from "./state.ts";

const FORM = /^toolu_[A-Za-z0-9]+_(\w[\w-]*)$/;

/**
 * A tool_use id that holds what `input` does not say of the model's call. Clients send an id twice with every later request, so it is
 * kept short; where it must be long it is long: Claude Code 1.0.128, 2.0.77 and 2.1.329 echo ids of 60,000 and 300,000 characters
 * verbatim (tried), and an id of about 50 holds a usual call.
 *
 * `unique` tells calls apart: a client drops a turn that repeats an id. `derive` says what the model calls a text of the client, such
 * as a path; `decodeCallId` must be given one that says the same.
 */
export function encodeCallId(state: CallState, input: JsonObject, unique: string, derive: Derive | null = null): string {
  const fields: unknown[] = [state.name, skeletonOf(state.arguments, input, derive), state.step, state.before, state.isUnparsed];
  while (isDefault(fields.length - 1, fields.at(-1))) fields.pop();
  return `toolu_${unique.replaceAll(/[^A-Za-z0-9]/g, "") || "0"}_${pack(fields)}`;
}

/**
 * What the id says together with the input that came with it, whatever the client did to the input's order, defaults and white space
 * at the ends of lines. Null for ids of others, and for an input that has lost what the id refers to.
 */
export function decodeCallId(id: string, input: JsonObject, derive: Derive | null = null): CallState | null {
  const fields = unpack(FORM.exec(id)?.[1] ?? "");
  if (!Array.isArray(fields) || fields.length < 2 || fields.length > 5) return null;
  const [name, skeleton, step = 0, before = "", isUnparsed = false] = fields as readonly unknown[];
  if (typeof name !== "string" || typeof before !== "string" || typeof isUnparsed !== "boolean") return null;
  if (typeof step !== "number" || !Number.isSafeInteger(step) || step < 0) return null;
  const text = fillSkeleton(skeleton, input, derive);
  return text === null ? null : { name, arguments: text, step, before, isUnparsed };
}

const DEFAULTS: readonly unknown[] = [undefined, undefined, 0, "", false];

const isDefault = (at: number, value: unknown): boolean => at >= 2 && value === DEFAULTS[at];
