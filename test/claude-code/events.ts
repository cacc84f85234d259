import type { ClientEvent } from "./run.ts";

/** What tests ask of the client's events. */

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** Blocks of the whole messages of one side, in their order: `text`, `thinking` and `tool_use` of the assistant, `tool_result` of the user. */
export function blocksOf(events: readonly ClientEvent[], side: "assistant" | "user"): readonly Fields[] {
  return events.filter(({ type }) => type === side).flatMap(({ message }) => listOf(fieldsOf(message)["content"]));
}

/** Tools that the client was asked to run, with their input. */
export function toolUses(events: readonly ClientEvent[]): readonly { readonly name: string; readonly input: Fields }[] {
  return blocksOf(events, "assistant")
    .filter(({ type }) => type === "tool_use")
    .map(({ name, input }) => ({ name: String(name), input: fieldsOf(input) }));
}

/** The `result` events: one a prompt. `result` in them is the final text. */
export const resultsOf = (events: readonly ClientEvent[]): readonly Fields[] => events.filter(({ type }) => type === "result");

/** Whether the client compacted its conversation. */
export const hasCompacted = (events: readonly ClientEvent[]): boolean => events.some(({ subtype }) => subtype === "compact_boundary");
