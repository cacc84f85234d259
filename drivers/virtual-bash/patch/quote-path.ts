/** A path in a patch header, quoted the way git does with core.quotePath=false: only control characters, `"` and `\` need it. */
export function quotePath(path: string): string {
  return NEEDS_QUOTES.test(path) ? `"${path.replaceAll(new RegExp(NEEDS_QUOTES, "g"), escape)}"` : path;
}

// oxlint-disable-next-line no-control-regex
const NEEDS_QUOTES = /[\u0000-\u001f\u007f"\\]/;

const NAMED: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

const escape = (character: string): string => NAMED[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;

export function unquotePath(text: string): string {
  if (!text.startsWith('"')) return text;
  return text
    .slice(1, -1)
    .replaceAll(/\\([0-7]{3}|.)/gs, (_, code: string) => UNNAMED.get(code) ?? String.fromCharCode(Number.parseInt(code, 8)));
}

const UNNAMED: ReadonlyMap<string, string> = new Map(Object.entries(NAMED).map(([character, code]) => [code.slice(1), character]));
