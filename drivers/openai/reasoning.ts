/** Where a server puts the model's reasoning; history goes back the same way. */
export type ReasoningPlace = "reasoning_content" | "reasoning" | "think";

const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * A leading think block of `content`, apart from the rest. Line breaks around it belong to the template, not to the
 * text (Qwen3's chat template strips and restores them). Tags anywhere else are the model's words and stay.
 * A block that was never closed was cut off: all of it is reasoning.
 */
export function splitThinking(content: string): { readonly reasoning: string | null; readonly content: string } {
  const start = content.search(/\S/);
  if (start < 0 || !content.startsWith(OPEN, start)) return { reasoning: null, content };
  const close = content.indexOf(CLOSE, start);
  const reasoning = content.slice(start + OPEN.length, close < 0 ? undefined : close);
  return {
    reasoning: nonBlank(trimBreaks(reasoning)),
    content: close < 0 ? "" : content.slice(close + CLOSE.length).replace(/^[\r\n]+/, ""),
  };
}

/** The inverse, in Qwen3's layout. */
export const joinThinking = (reasoning: string, content: string): string => `${OPEN}\n${reasoning}\n${CLOSE}\n\n${content}`;

export const nonBlank = (text: string): string | null => (text.trim() === "" ? null : text);

const trimBreaks = (text: string): string => text.replace(/^[\r\n]+/, "").replace(/[\r\n]+$/, "");
