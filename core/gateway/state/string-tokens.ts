import { escapeJson, unescapeJson } from "../../agent/reserved-literals.ts";

/** What models write: JSON.stringify (and json.dumps without ensure_ascii), json.dumps, and both with reserved literals escaped. */
const RENDERINGS = [0, 1, 2, 3] as const;
export type Rendering = (typeof RENDERINGS)[number];

const ASCII = 1;
const RESERVED = 2;

/** JSON text, also broken, cut into its strings and what stands between them, in turns: pieces with an odd index are strings. */
export function cutStrings(json: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let start = json.indexOf('"'); start !== -1; start = json.indexOf('"', from)) {
    const end = endOfString(json, start);
    if (end === null) break;
    pieces.push(json.slice(from, start), json.slice(start, end));
    from = end;
  }
  pieces.push(json.slice(from));
  return pieces;
}

/** The text that a string stands for under each rendering that would have written it so. */
export function readings(token: string): { rendering: Rendering; text: string }[] {
  return RENDERINGS.flatMap((rendering) => {
    const text = parseString((rendering & RESERVED) === 0 ? token : unescapeJson(token));
    return text !== null && renderString(text, rendering) === token ? [{ rendering, text }] : [];
  });
}

export function renderString(text: string, rendering: Rendering): string {
  const json = JSON.stringify(text);
  const plain = (rendering & ASCII) === 0 ? json : json.replaceAll(/[^ -~]/g, asciiEscape);
  return (rendering & RESERVED) === 0 ? plain : escapeJson(plain);
}

export const isRendering = (value: unknown): value is Rendering => RENDERINGS.some((known) => known === value);

/** Behind the closing quote; raw control characters, which JSON forbids, do not stop it. Null when there is no closing quote. */
function endOfString(json: string, start: number): number | null {
  for (let at = start + 1; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === 0x22) return at + 1;
    if (char === 0x5c) at++;
  }
  return null;
}

/** UTF-16 units one by one, as Python's ensure_ascii. */
const asciiEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

function parseString(token: string): string | null {
  try {
    const value: unknown = JSON.parse(token);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}
