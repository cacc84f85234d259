const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Reads a path in git's C quoting at the start of `text`: `"a/na\303\257ve\tname"`. Octal escapes are bytes of UTF-8.
 * Null when the quotes do not close or an escape is unknown. Source: git's quote.c, `unquote_c_style`.
 */
export function readQuotedPath(text: string): { readonly path: string; readonly end: number } | null {
  if (text[0] !== '"') return null;
  const bytes: number[] = [];
  let at = 1;
  while (at < text.length) {
    const char = text[at]!;
    if (char === '"') return { path: decoder.decode(Uint8Array.from(bytes)), end: at + 1 };
    if (char !== "\\") {
      const point = String.fromCodePoint(text.codePointAt(at)!);
      bytes.push(...encoder.encode(point));
      at += point.length;
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(text.slice(at + 1, at + 4));
    const byte = octal === null ? ESCAPES[text[at + 1] ?? ""] : Number.parseInt(octal[0], 8);
    if (byte === undefined) return null;
    bytes.push(byte);
    at += octal === null ? 2 : 4;
  }
  return null;
}

/** The path of a `--- `, `+++ `, `rename from ` … line: quoted, or plain up to a TAB (a time stamp, or git's end mark after spaces). */
export function pathOfHeader(text: string): string | null {
  if (text.startsWith('"')) return readQuotedPath(text)?.path ?? null;
  const tab = text.indexOf("\t");
  return tab < 0 ? text : text.slice(0, tab);
}
