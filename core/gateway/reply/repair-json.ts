import { isJsonObject } from "../../agent/json-members.ts";

/**
 * A JSON object that a model wrote almost right, made right where there is only one way to read it: literal control characters in
 * strings, a comma in front of a closing bracket, brackets that are missing or too many at the very end. Null for everything else; a
 * string that is not closed, above all, may lack anything. Text that is right comes back as it is.
 */
export function repairJson(text: string): string | null {
  if (isJsonObject(text)) return text;
  const open: string[] = [];
  const kept: string[] = [];
  let at = 0;
  for (; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      const end = endOfString(text, at);
      if (end === null) return null;
      kept.push(text.slice(at, end).replace(ESCAPE_OR_CONTROL, escapeControl));
      at = end - 1;
    } else if (char === "}" || char === "]") {
      if (open.length === 0 || open.pop() !== char) return null;
      kept.push(char);
      if (open.length === 0) break;
    } else if (char === "," && CLOSES.test(text.slice(at + 1, at + 1 + MAX_BLANKS))) {
      continue;
    } else {
      if (char === "{") open.push("}");
      if (char === "[") open.push("]");
      kept.push(char);
    }
  }
  if (!SURPLUS.test(text.slice(at + 1))) return null;
  const repaired = kept.join("") + open.toReversed().join("");
  return isJsonObject(repaired) ? repaired : null;
}

const MAX_BLANKS = 256;
const CLOSES = /^\s*[}\]]/;
const SURPLUS = /^[\s}\]]*$/;
// oxlint-disable-next-line no-control-regex -- the control characters are the subject
const ESCAPE_OR_CONTROL = /\\[^]|[\u0000-\u001f]/g;

/** JSON's own short form where there is one. A backslash in front of a literal line break may mean either: it stays, and is refused. */
const escapeControl = (found: string): string => (found.startsWith("\\") ? found : JSON.stringify(found).slice(1, -1));

/** The index behind the closing quote; null when there is none. */
export function endOfString(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return null;
}
