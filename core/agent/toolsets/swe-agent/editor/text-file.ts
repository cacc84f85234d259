/**
 * A file's bytes as text that can be changed in one place and written back with every other byte as it was.
 * SWE-agent's editor expands tabs, rewrites line ends and re-encodes the whole file; ours must not.
 */
export interface TextFile {
  /** As in the file: line ends, tabs and a byte order mark included. */
  readonly text: string;
  readonly encoding: "utf-8" | "latin-1";
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Null for binary content: git's rule, a NUL in the first 8,000 bytes. */
export function readText(bytes: Uint8Array): TextFile | null {
  if (bytes.subarray(0, 8000).includes(0)) return null;
  try {
    return { text: strict.decode(bytes), encoding: "utf-8" };
  } catch {
    return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"), encoding: "latin-1" };
  }
}

/** Null when the encoding has no room for some character. */
export function encodeText(text: string, encoding: TextFile["encoding"]): Uint8Array | null {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  for (const character of text) if (character.codePointAt(0)! > 0xff) return null;
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** What the model is shown and compares with: LF line ends, no byte order mark. Lone carriage returns stay. */
export function shownText(text: string): string {
  return text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
}

/** Python's `expandtabs`: stops of 8 columns, counted in code points from `column`. */
export function expandTabs(text: string, column = 0): string {
  if (!text.includes("\t")) return text;
  let at = column;
  let out = "";
  for (const character of text) {
    if (character === "\t") {
      const width = 8 - (at % 8);
      out += " ".repeat(width);
      at += width;
    } else {
      out += character;
      at = character === "\n" || character === "\r" ? 0 : at + 1;
    }
  }
  return out;
}

/** The line end of new lines in this file: the one that most of its lines have. */
export function lineEnd(text: string): "\n" | "\r\n" {
  const all = text.split("\n").length - 1;
  const crlf = text.split("\r\n").length - 1;
  return crlf * 2 > all ? "\r\n" : "\n";
}

/** Whether indentation in this file is tabs and nothing else. */
export function indentsWithTabs(text: string): boolean {
  return /^\t/m.test(text) && !/^ {2}/m.test(text);
}

/** Leading runs of eight spaces as tabs: the way back from what `expandTabs` showed. */
export function tabIndent(line: string): string {
  const spaces = /^ */.exec(line)![0].length;
  return "\t".repeat(Math.floor(spaces / 8)) + line.slice(spaces - (spaces % 8));
}
