/** A member of a JSON object: its name, and its value as the text says it. */
export interface JsonMember {
  readonly key: string;
  readonly raw: string;
}

/**
 * The members of a JSON object in the order of the text, values byte for byte. Null when the text is not one JSON object, or names a
 * member twice.
 */
export function jsonMembers(text: string): readonly JsonMember[] | null {
  if (!isJsonObject(text)) return null;
  // From here on the text is known to be valid, so a scanner need not check.
  const members: JsonMember[] = [];
  const keys = new Set<string>();
  let at = skipSpace(text, text.indexOf("{") + 1);
  while (text[at] !== "}") {
    const keyEnd = endOfString(text, at);
    const key: string = JSON.parse(text.slice(at, keyEnd));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (keys.has(key)) return null;
    keys.add(key);
    members.push({ key, raw: text.slice(start, end) });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return members;
}

export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function skipSpace(text: string, at: number): number {
  while (" \t\n\r".includes(text[at]!)) at++;
  return at;
}

function endOfString(text: string, at: number): number {
  for (at++; text[at] !== '"'; at++) if (text[at] === "\\") at++;
  return at + 1;
}

function endOfValue(text: string, at: number): number {
  let depth = 0;
  for (;;) {
    const char = text[at]!;
    if (char === '"') at = endOfString(text, at);
    else {
      if (char === "{" || char === "[") depth++;
      if (depth === 0 && " \t\n\r,}]".includes(char)) return at;
      if (char === "}" || char === "]") depth--;
      at++;
    }
    if (depth === 0 && (char === '"' || char === "}" || char === "]")) return at;
  }
}
