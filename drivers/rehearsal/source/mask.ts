import type { Language } from "./language.ts";

/** Stands for every character of a string in a mask; comments become spaces. */
export const STRING = "\u0001";

export interface MaskedLine {
  readonly text: string;
  /** As long as `text`; what is left is code. */
  readonly mask: string;
  /** The line begins inside a string or a comment. */
  readonly isInside: boolean;
  /** Open `(` and `[` where the line begins. */
  readonly nesting: number;
}

/** Blanks strings and comments. The text must begin outside of both; a quote that its line does not close ends with the line. */
export function maskLines(lines: readonly string[], language: Language): readonly MaskedLine[] {
  const text = lines.join("\n");
  const mask = text.split("");
  const insideFrom = new Set<number>();

  const blank = (from: number, to: number, filler: string): void => {
    for (let index = from; index < to; index += 1) {
      if (text[index] === "\n") insideFrom.add(index + 1);
      else mask[index] = filler;
    }
  };

  let index = 0;
  while (index < text.length) {
    const token = tokenAt(text, index, language);
    if (token === null) {
      index += 1;
      continue;
    }
    blank(index, token.end, token.kind === "comment" ? " " : STRING);
    index = token.end;
  }

  const masked: MaskedLine[] = [];
  let offset = 0;
  let nesting = 0;
  for (const line of lines) {
    const code = mask.slice(offset, offset + line.length).join("");
    masked.push({ text: line, mask: code, isInside: insideFrom.has(offset), nesting });
    for (const character of code) {
      if (character === "(" || character === "[") nesting += 1;
      else if (character === ")" || character === "]") nesting = Math.max(0, nesting - 1);
    }
    offset += line.length + 1;
  }
  return masked;
}

interface Token {
  readonly kind: "string" | "comment";
  readonly end: number;
}

function tokenAt(text: string, index: number, language: Language): Token | null {
  const character = text[index];
  const isHash = language.lineComment === "#";
  if (isHash && character === "#") return { kind: "comment", end: lineEnd(text, index) };
  if (!isHash && character === "/") {
    if (text[index + 1] === "/") return { kind: "comment", end: lineEnd(text, index) };
    if (text[index + 1] === "*") return { kind: "comment", end: after(text, "*/", index + 2) };
    if (language.family === "script" && isRegexAt(text, index)) return { kind: "string", end: regexEnd(text, index) };
    return null;
  }
  if (character === '"' || character === "'") {
    if (language.family === "python" && text.startsWith(character.repeat(3), index)) {
      return { kind: "string", end: tripleEnd(text, character.repeat(3), index + 3) };
    }
    // A rune, a char, or else a lifetime or a digit separator.
    const isCharOnly = character === "'" && (language.family === "go" || language.family === "braces");
    if (isCharOnly) {
      const literal = /^'(?:\\[^\n]{1,9}?|[^\\'\n]{1,2})'/.exec(text.slice(index, index + 12));
      return literal === null ? null : { kind: "string", end: index + literal[0].length };
    }
    return { kind: "string", end: quoteEnd(text, character, index + 1) };
  }
  if (character === "`" && language.family === "go") return { kind: "string", end: after(text, "`", index + 1) };
  if (character === "`" && language.family === "script") return { kind: "string", end: templateEnd(text, index + 1) };
  return null;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function after(text: string, closing: string, from: number): number {
  const end = text.indexOf(closing, from);
  return end < 0 ? text.length : end + closing.length;
}

function quoteEnd(text: string, quote: string, from: number): number {
  let index = from;
  while (index < text.length && text[index] !== "\n") {
    if (text[index] === "\\") index += 2;
    else if (text[index] === quote) return index + 1;
    else index += 1;
  }
  return Math.min(index, text.length);
}

function tripleEnd(text: string, quotes: string, from: number): number {
  let index = from;
  while (index < text.length) {
    if (text[index] === "\\") index += 2;
    else if (text.startsWith(quotes, index)) return index + 3;
    else index += 1;
  }
  return text.length;
}

/** Past the closing backtick; `${…}` may hold strings and templates of its own. */
function templateEnd(text: string, from: number): number {
  let index = from;
  let braces = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === "\\") index += 2;
    else if (braces === 0 && character === "`") return index + 1;
    else if (character === "$" && text[index + 1] === "{") {
      braces += 1;
      index += 2;
    } else if (braces > 0 && character === "`") index = templateEnd(text, index + 1);
    else if (braces > 0 && (character === '"' || character === "'")) index = quoteEnd(text, character, index + 1);
    else {
      if (braces > 0 && character === "{") braces += 1;
      if (braces > 0 && character === "}") braces -= 1;
      index += 1;
    }
  }
  return text.length;
}

/** A slash begins a pattern, not a division, where an expression may begin. */
function isRegexAt(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 40), index).trimEnd();
  if (before === "") return true;
  return (
    /[(,=:[!&|?{};+\-*%<>~^]$/.test(before) || /\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/.test(before)
  );
}

function regexEnd(text: string, from: number): number {
  let isInClass = false;
  for (let index = from + 1; index < text.length && text[index] !== "\n"; index += 1) {
    const character = text[index];
    if (character === "\\") index += 1;
    else if (character === "[") isInClass = true;
    else if (character === "]") isInClass = false;
    else if (character === "/" && !isInClass) return index + 1;
  }
  return from + 1;
}
