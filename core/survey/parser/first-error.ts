import type { Parser } from "web-tree-sitter";

/**
 * The row at which the parser, reading from the top, found that the text cannot go on. Null: it is without errors.
 * The tree does not say: its ERROR nodes lie where recovery put them. The parser's log does: `resume` is its word for
 * beginning to recover, and the `process` line before it names the place.
 */
export function firstErrorRow(parser: Parser, text: string): number | null {
  let row = 0;
  let isFound = false;
  parser.setLogger((message, isLex) => {
    if (isLex || isFound) return;
    if (message.startsWith("process ")) row = Math.max(row, Number(/ row:(\d+)/.exec(message)?.[1] ?? 0));
    else if (message.startsWith("resume ")) isFound = true;
  });
  try {
    parser.parse(text, null, { progressCallback: () => isFound })?.delete();
  } finally {
    parser.setLogger(null);
    parser.reset();
  }
  return isFound ? row : null;
}
