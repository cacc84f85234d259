import type { Planned } from "./str-replace.ts";
import { indentsWithTabs, lineEnd, tabIndent, type TextFile } from "./text-file.ts";

/** Adds whole lines after a line; a line end at the end of the new text closes its last line and is not one more. */
export function planInsert(file: Pick<TextFile, "text">, afterLine: unknown, newText: string): Planned {
  const { text } = file;
  const count = text.split("\n").length;
  const line = asInteger(afterLine);
  if (line === null || line < 0 || line > count) {
    return {
      ok: false,
      problem: `Invalid \`insert_line\` parameter: ${JSON.stringify(afterLine)}. It must be a whole number within the range of lines of the file: [0, ${count}].`,
    };
  }
  const end = lineEnd(text);
  const isTabBlind = !newText.includes("\t") && indentsWithTabs(text);
  const lines = newText
    .replace(/\r?\n$/, "")
    .split(end === "\r\n" ? /\r?\n/ : "\n")
    .map((each) => (isTabBlind ? tabIndent(each) : each))
    .join(end);

  const at = offsetAfterLine(text, line);
  const closesLastLine = at === text.length && text !== "" && !text.endsWith("\n");
  return { ok: true, splice: { start: at, end: at, replacement: closesLastLine ? end + lines : lines + end } };
}

/** A whole number, also when it came as text. */
export function asInteger(value: unknown): number | null {
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

function offsetAfterLine(text: string, line: number): number {
  let at = text.startsWith("\ufeff") ? 1 : 0;
  for (let passed = 0; passed < line; passed++) {
    const next = text.indexOf("\n", at);
    if (next === -1) return text.length;
    at = next + 1;
  }
  return at;
}
