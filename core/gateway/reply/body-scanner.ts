import { partialTagAt } from "./partial-tag.ts";

export const OPEN = "<tool_call>";
export const CLOSE = "</tool_call>";
export const FUNCTION = "<function=";
export const FUNCTION_END = "</function>";

/** How much of a piece belongs to the body of a call, and where the text behind the call goes on; null while the body goes on. */
export interface Scanned {
  readonly body: number;
  readonly next: number | null;
}

/** Looks for the end of a call's body. What it did not take of a piece comes again in front of the next one: each character is read once. */
export type BodyScanner = (piece: string) => Scanned;

/** The first tag is the end, wherever it stands; an opening one begins the next call. */
export const rawScanner: BodyScanner = (piece) => {
  const close = piece.indexOf(CLOSE);
  const open = piece.indexOf(OPEN);
  if (open >= 0 && (close < 0 || open < close)) return { body: open, next: open };
  return close < 0 ? { body: partialTagAt(piece, [CLOSE, OPEN]), next: null } : { body: close, next: close + CLOSE.length };
};

/** A call without tags around it; its own closing tag is part of the body. */
export const bareScanner: BodyScanner = (piece) => {
  const at = piece.indexOf(FUNCTION_END);
  if (at < 0) return { body: partialTagAt(piece, [FUNCTION_END]), next: null };
  return { body: at + FUNCTION_END.length, next: at + FUNCTION_END.length };
};

/** Values of the XML form may hold the closing tag; the end is the one behind the function's own. */
export function createXmlScanner(): BodyScanner {
  let before = "";
  return (piece) => {
    let from = 0;
    for (;;) {
      const at = piece.indexOf(CLOSE, from);
      const body = at < 0 ? partialTagAt(piece, [CLOSE]) : at;
      before = (before + piece.slice(from, body)).trimEnd().slice(-FUNCTION_END.length);
      if (at < 0) return { body, next: null };
      if (before === FUNCTION_END) return { body, next: at + CLOSE.length };
      from = at + CLOSE.length;
      before = "";
    }
  };
}

/**
 * One JSON object, or several. A tag inside of a string is data; outside of one JSON has no `<`, and a tag is the end though brackets
 * may be missing. Behind an object only brackets that are too many, another object or the tag can belong to the body.
 */
export function createJsonScanner(): BodyScanner {
  let depth = 0;
  let isString = false;
  let isEscaped = false;
  let isBehind = false;

  return (piece) => {
    for (let at = 0; at < piece.length; at++) {
      if (isBehind) {
        const scanned = scanBehind(piece, at);
        if (scanned !== "object") return scanned;
        isBehind = false;
      }
      const char = piece[at];
      if (isString) {
        if (isEscaped) isEscaped = false;
        else if (char === "\\") isEscaped = true;
        else if (char === '"') isString = false;
      } else if (char === '"') isString = true;
      else if (char === "{" || char === "[") depth++;
      else if (char === "}" || char === "]") isBehind = --depth <= 0;
      else if (char === "<") {
        const rest = piece.slice(at, at + CLOSE.length);
        if (rest === CLOSE) return { body: at, next: at + CLOSE.length };
        if (rest.startsWith(OPEN)) return { body: at, next: at };
        if (CLOSE.startsWith(rest) || OPEN.startsWith(rest)) return { body: at, next: null };
      }
    }
    return { body: piece.length, next: null };
  };
}

/** What follows a whole object. `object`: another one. */
function scanBehind(piece: string, at: number): Scanned | "object" {
  const rest = piece.slice(at);
  const visible = rest.trimStart();
  if (visible.startsWith("{")) return "object";
  const tail = rest.replace(SURPLUS, "");
  if (tail.startsWith(CLOSE)) {
    const end = piece.length - tail.length;
    return { body: end, next: end + CLOSE.length };
  }
  if (CLOSE.startsWith(tail)) return { body: at, next: null };
  return { body: at, next: at };
}

const SURPLUS = /^[\s}\]]+/;
