import fc from "fast-check";
import type { ReplyPart, ThoughtFrame } from "../../../../core/gateway/reply/part.ts";
import type { SplitterOptions } from "../../../../core/gateway/reply/splitter.ts";
import { createReplySplitter } from "../../../../core/gateway/reply/splitter.ts";
import type { ChatChunk } from "../../../../core/gateway/upstream/chat-chunk.ts";

export const PLAIN: SplitterOptions = { thinking: "leading-tag", escapesReserved: false, readsCallsInText: true };

export function split(chunks: readonly ChatChunk[], options: SplitterOptions = PLAIN): readonly ReplyPart[] {
  const parts: ReplyPart[] = [];
  const splitter = createReplySplitter(options, (part) => parts.push(part));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return parts;
}

export const contents = (...texts: readonly string[]): readonly ChatChunk[] => texts.map((content) => ({ content }));

/** Pieces of one kind that follow each other made one, so that what is left does not depend on how the text was cut. */
export function joined(parts: readonly ReplyPart[]): readonly ReplyPart[] {
  const whole: ReplyPart[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if ((part.kind === "text" || part.kind === "thinking" || part.kind === "arguments") && last?.kind === part.kind) {
      whole[whole.length - 1] = { ...part, text: last.text + part.text };
    } else whole.push(part);
  }
  return whole;
}

/** Any way to cut a text. */
export const cutText = (text: string): fc.Arbitrary<readonly string[]> =>
  fc.array(fc.nat(text.length), { maxLength: 12 }).map((cuts) => {
    const at = [...new Set(cuts)].toSorted((one, other) => one - other);
    return [0, ...at].map((start, index) => text.slice(start, at[index]));
  });

/** What the model wrote as its content, put together from thoughts and text. */
export function writtenBy(parts: readonly ReplyPart[]): string {
  let written = "";
  let thought = "";
  for (const part of parts) {
    if (part.kind === "thinking") thought += part.text;
    else if (part.kind === "thought") {
      const frame: ThoughtFrame = part.frame;
      if (frame.place === "content") written += frame.open + thought + frame.close;
      thought = "";
    } else if (part.kind === "text") written += part.text;
  }
  return written + thought;
}
