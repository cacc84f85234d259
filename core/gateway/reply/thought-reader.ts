import type { ServedModel } from "../served-model.ts";
import { breaksAfter, breaksBefore, partialTagAt } from "./partial-tag.ts";

const OPEN = "<think>";
const CLOSE = "</think>";

export interface ThoughtListener {
  /** Of the thought, in pieces. */
  thinking(text: string): void;
  /** `open` + thought + `close` is what the model wrote. */
  thought(open: string, close: string): void;
  text(text: string): void;
}

export interface ThoughtReader {
  push(text: string): void;
  /** What comes behind it is text. Idempotent. */
  end(): void;
}

type Place = "before" | "opening" | "inside" | "closing" | "behind";

/**
 * Tells a thought in the content from the text behind it. Only a tag that is the first visible thing opens one, its first closing tag
 * ends it, and tags further on are the model's words. Line breaks at the tags belong to the frame. A thought that is never closed is
 * all that the reply has.
 */
export function createThoughtReader(thinking: ServedModel["thinking"], listener: ThoughtListener): ThoughtReader {
  let place: Place = thinking === "none" ? "behind" : "before";
  let held = "";
  let open = "";
  let close = "";

  /** Each reads what it can of `held` and gives the next place, or the same one to wait for more. */
  const readers: Readonly<Record<Exclude<Place, "behind">, () => Place>> = {
    before() {
      const visible = held.trimStart();
      if (visible.startsWith(OPEN)) {
        open = held.slice(0, held.length - visible.length + OPEN.length);
        held = visible.slice(OPEN.length);
        return "opening";
      }
      if (OPEN.startsWith(visible)) return "before";
      return thinking === "template-opened" ? "inside" : "behind";
    },
    opening() {
      const end = breaksAfter(held, 0);
      open += held.slice(0, end);
      held = held.slice(end);
      return held === "" ? "opening" : "inside";
    },
    inside() {
      const tag = held.indexOf(CLOSE);
      const end = breaksBefore(held, tag < 0 ? partialTagAt(held, [CLOSE]) : tag);
      if (end > 0) listener.thinking(held.slice(0, end));
      if (tag < 0) {
        held = held.slice(end);
        return "inside";
      }
      close = held.slice(end, tag + CLOSE.length);
      held = held.slice(tag + CLOSE.length);
      return "closing";
    },
    closing() {
      const end = breaksAfter(held, 0);
      close += held.slice(0, end);
      held = held.slice(end);
      if (held === "") return "closing";
      listener.thought(open, close);
      return "behind";
    },
  };

  const passHeld = (): void => {
    const text = held;
    held = "";
    if (text !== "") listener.text(text);
  };

  return {
    push(text) {
      held += text;
      while (place !== "behind") {
        const next = readers[place]();
        if (next === place) return;
        place = next;
      }
      passHeld();
    },
    end() {
      const isOpen = place === "opening" || place === "inside" || (place === "before" && thinking === "template-opened" && held !== "");
      if (isOpen && held !== "") listener.thinking(held);
      if (isOpen || place === "closing") listener.thought(open, close);
      if (isOpen || place === "closing") held = "";
      place = "behind";
      passHeld();
    },
  };
}
