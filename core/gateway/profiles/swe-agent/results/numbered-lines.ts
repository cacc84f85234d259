export interface NumberedLines {
  /** Number of the first line. */
  readonly first: number;
  /** As they stand in the file. */
  readonly lines: readonly string[];
}

/** `1<tab>text` in 2.1.329, which speaks of a colon too; `     1→text` before, where the first line's blanks may be cut off. */
const FIRST = /^ *(\d+)([\t→:])/;
/** A remark in front of the lines stands in brackets: 2.1.329 says so of files that it shows in part. */
const REMARK = /^\[.*\]$/;

/**
 * The lines of a file as a client numbers them, whatever they hold: every line has its number, one more than the one before, so the first
 * that has not begins what the client says behind them. Null when the text is no such listing.
 */
export function readNumberedLines(text: string): NumberedLines | null {
  const all = text.split("\n");
  const start = all.findIndex((line) => !REMARK.test(line));
  const head = start === -1 ? null : FIRST.exec(all[start]!);
  if (head === null) return null;
  const [, number = "", separator = ""] = head;
  const first = Number(number);
  const lines: string[] = [];
  for (const numbered of all.slice(start)) {
    const line = withoutNumber(numbered, `${first + lines.length}${separator}`);
    if (line === null) break;
    lines.push(line);
  }
  return { first, lines };
}

function withoutNumber(line: string, prefix: string): string | null {
  let at = 0;
  while (line[at] === " ") at++;
  return line.startsWith(prefix, at) ? line.slice(at + prefix.length) : null;
}
