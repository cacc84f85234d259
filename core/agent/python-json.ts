import { pythonNumber } from "./python-number.ts";

/** Deeper than any arguments of a tool, and far from where Python's own reader gives up (about 1,000). */
const MAX_DEPTH = 256;

/**
 * JSON text as Python's `json.dumps(json.loads(text), ensure_ascii=False)` writes it, which is what a chat template makes of a call's
 * arguments: a blank behind `,` and `:`, no other space, escapes only where they must be, numbers as Python spells them, of a member
 * that is named twice the last value at the first place. Lone surrogates become U+FFFD, since no file can hold them.
 *
 * Null where the text is no JSON, and where Python could not write it again as JSON: numbers beyond a double, integers of more than
 * 4,300 digits, very deep nesting. What is written stays as it is when it is written again.
 */
export function pythonJson(text: string): string | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return dump(text.toWellFormed());
}

/** For text that is known to be valid JSON, so nothing is checked on the way. */
function dump(text: string): string | null {
  let at = 0;
  let depth = 0;

  /** Stays in front of the next character that is no space. */
  const next = (): string => {
    while (isSpace(text[at])) at++;
    return text[at]!;
  };

  const string = (): string => {
    const start = at;
    at = endOfString(text, start);
    const raw = text.slice(start, at);
    if (!raw.includes("\\")) return raw;
    const decoded: string = JSON.parse(raw);
    return JSON.stringify(decoded.toWellFormed());
  };

  const word = (): string | null => {
    const start = at;
    while (at < text.length && !endsWord(text[at]!)) at++;
    const raw = text.slice(start, at);
    return /^[tfn]/.test(raw) ? raw : pythonNumber(raw);
  };

  const array = (): string | null => {
    const items: string[] = [];
    while (next() !== "]") {
      const item = value();
      if (item === null) return null;
      items.push(item);
      if (next() === ",") at++;
    }
    return `[${items.join(", ")}]`;
  };

  const object = (): string | null => {
    const members = new Map<string, string>();
    while (next() !== "}") {
      const key = string();
      next();
      at++;
      const member = value();
      if (member === null) return null;
      members.set(key, member);
      if (next() === ",") at++;
    }
    return `{${Array.from(members, ([key, member]) => `${key}: ${member}`).join(", ")}}`;
  };

  const value = (): string | null => {
    const first = next();
    if (first === '"') return string();
    if (first !== "{" && first !== "[") return word();
    if (++depth > MAX_DEPTH) return null;
    at++;
    const dumped = first === "{" ? object() : array();
    at++;
    depth--;
    return dumped;
  };

  return value();
}

const isSpace = (char: string | undefined): boolean => char === " " || char === "\n" || char === "\t" || char === "\r";
const endsWord = (char: string): boolean => char === "," || char === "]" || char === "}" || isSpace(char);

/** Behind the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
}
