import type { ServedModel } from "../served-model.ts";
import type { ChatChunk, ReasoningPlace } from "../upstream/chat-chunk.ts";
import { createCallOrder } from "./call-order.ts";
import type { ReplyPart } from "./part.ts";
import type { TakesText } from "./read-call.ts";
import { createTextCalls } from "./text-calls.ts";
import { createThoughtReader } from "./thought-reader.ts";
import { createUnescaper, passText } from "./unescaper.ts";

export interface SplitterOptions {
  readonly thinking: ServedModel["thinking"];
  /** Texts and thoughts get their reserved literals back. Arguments keep their escapes: they are undone on the whole. */
  readonly escapesReserved: boolean;
  readonly readsCallsInText: boolean;
  /** For the XML form of calls in text; without it every value that is JSON is taken as JSON. */
  readonly takesText?: TakesText;
}

export interface ReplySplitter {
  push(chunk: ChatChunk): void;
  /** Gives what was held back. */
  end(): void;
}

/** Tells thoughts, text and calls of one reply apart, as they come. */
export function createReplySplitter(options: SplitterOptions, take: (part: ReplyPart) => void): ReplySplitter {
  const stage = options.escapesReserved ? createUnescaper : passText;
  const thinking = stage((text) => take({ kind: "thinking", text }));
  const text = stage((shown) => take({ kind: "text", text: shown }));
  const textCalls = options.readsCallsInText
    ? createTextCalls({ escapesReserved: options.escapesReserved, takesText: options.takesText ?? (() => false) }, text, take)
    : { push: text.push, end: text.flush };
  const thoughts = createThoughtReader(options.thinking, {
    thinking: thinking.push,
    thought(open, close) {
      thinking.flush();
      take({ kind: "thought", frame: { place: "content", open, close } });
    },
    text: textCalls.push,
  });
  const calls = createCallOrder(take);
  /** Text and thoughts that came while a call was in its midst: calls are never interrupted. */
  const late: ChatChunk[] = [];
  let fieldPlace: ReasoningPlace | null = null;
  let isCut = false;

  const endFieldThought = (): void => {
    if (fieldPlace === null) return;
    thinking.flush();
    take({ kind: "thought", frame: { place: fieldPlace } });
    fieldPlace = null;
  };

  const pushWords = ({ reasoning, content }: ChatChunk): void => {
    if (reasoning !== undefined && reasoning.text !== "") {
      if (fieldPlace !== reasoning.place) {
        endFieldThought();
        // A server that takes thoughts out leaves none in the content.
        thoughts.end();
        fieldPlace = reasoning.place;
      }
      thinking.push(reasoning.text);
    }
    if (content !== undefined && content !== "") {
      endFieldThought();
      thoughts.push(content);
    }
  };

  return {
    push(chunk) {
      if (chunk.finish !== undefined) isCut = chunk.finish.reason === "length";
      if (chunk.content !== undefined || chunk.reasoning !== undefined) {
        if (calls.rest() && late.length === 0) pushWords(chunk);
        else late.push(chunk);
      }
      if (chunk.calls === undefined) return;
      endFieldThought();
      thoughts.end();
      textCalls.end(isCut);
      for (const delta of chunk.calls) calls.take(delta);
    },
    end() {
      calls.end(isCut);
      for (const chunk of late) pushWords(chunk);
      endFieldThought();
      thoughts.end();
      textCalls.end(isCut);
    },
  };
}
