import { modelText } from "./model-text.ts";
import type { Reply } from "./reply.ts";
import type { ChatBody } from "./request.ts";
import { tokensOf } from "./tokenizer.ts";

/** What the engine gives to the server: tokens, and why they ended. */
export interface Generation {
  /** Thoughts that a reasoning parser takes out; in front of the text. */
  readonly reasoning: readonly string[];
  readonly tokens: readonly string[];
  readonly finish: "stop" | "length";
  /** The stop text that was met. */
  readonly stopReason: string | null;
}

/** Ends at the limit of tokens or in front of a stop text, as an engine does. `room` is what the window leaves. */
export function generate(reply: Reply, body: ChatBody, room: number): Generation {
  const { reasoning, text } = modelText(reply);
  const stops = typeof body.stop === "string" ? [body.stop] : (body.stop ?? []);
  const stop = firstStop(text, stops);
  const limit = Math.min(body.max_completion_tokens ?? body.max_tokens ?? room, room);
  const thoughts = [...tokensOf(reasoning)].slice(0, limit);
  const all = [...tokensOf(stop === null ? text : text.slice(0, stop.at))];
  const tokens = all.slice(0, limit - thoughts.length);
  const isCut = tokens.length < all.length;
  return { reasoning: thoughts, tokens, finish: isCut ? "length" : "stop", stopReason: isCut ? null : (stop?.text ?? null) };
}

function firstStop(text: string, stops: readonly string[]): { readonly at: number; readonly text: string } | null {
  let first: { at: number; text: string } | null = null;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0 && (first === null || at < first.at)) first = { at, text: stop };
  }
  return first;
}
