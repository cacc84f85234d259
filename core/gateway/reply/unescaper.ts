import { RESERVED_WORDS, unescapeText } from "../../agent/reserved-literals.ts";

/** A stage that text passes through. What it holds back comes with `flush`, which ends one text and begins the next. */
export interface TextStage {
  readonly push: (text: string) => void;
  readonly flush: () => void;
  /** Whether something is held back. */
  readonly isHolding: () => boolean;
}

/** Gives what `unescape` would make of the whole text, as early as possible: only the beginning of an escape is held back. */
export function createUnescaper(emit: (text: string) => void, unescape: (text: string) => string = unescapeText): TextStage {
  let held = "";
  return {
    push(text) {
      const all = held + text;
      const end = escapeCutAt(all);
      held = all.slice(end);
      if (end > 0) emit(unescape(all.slice(0, end)));
    },
    flush() {
      const rest = held;
      held = "";
      if (rest !== "") emit(rest);
    },
    isHolding: () => held !== "",
  };
}

export const passText = (emit: (text: string) => void): TextStage => ({ push: emit, flush() {}, isHolding: () => false });

/** No word holds a `<`, so that only the last one can begin an escape that is not complete. */
function escapeCutAt(text: string): number {
  const at = text.lastIndexOf("<");
  if (at < 0) return text.length;
  let word = at + 1;
  while (text[word] === "\\") word++;
  const rest = text.slice(word, word + LONGEST_WORD);
  if (rest === "") return at;
  const isEscape = word > at + 1;
  return isEscape && RESERVED_WORDS.some((reserved) => reserved.length > rest.length && reserved.startsWith(rest)) ? at : text.length;
}

const LONGEST_WORD = Math.max(...RESERVED_WORDS.map((word) => word.length));
