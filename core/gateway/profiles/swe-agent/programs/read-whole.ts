import type { ReadResult } from "../results/index.ts";
import type { Ground } from "../program.ts";
import { readLines, WHOLE_LIMIT, type Part } from "./read-lines.ts";

export type WholeText =
  /** As the client has it. `isCut` when there is more. */
  | { readonly kind: "text"; readonly text: string; readonly isCut: boolean }
  | { readonly kind: "other"; readonly result: Exclude<ReadResult, { kind: "lines" | "empty" | "beyond-end" | "too-large" }> }
  /** Even the smallest part was too large for the client, in its words. */
  | { readonly kind: "too-large"; readonly text: string };

const FIRST_PAGE_LINES = 1_000;
const MIN_PAGE_LINES = 25;

/**
 * A file's text up to the given length at least: at once, or page by page where the client will not show so much. Reads on until it saw
 * the end, because older clients leave lines out without a word.
 */
export function* readWhole(clientPath: string, enoughCharacters: number, ground: Ground): Part<WholeText> {
  const lines: string[] = [];
  let characters = 0;
  let pageLines: number | null = null;
  for (;;) {
    const offset = lines.length + 1;
    const range = pageLines === null && offset === 1 ? {} : { offset, limit: pageLines ?? FIRST_PAGE_LINES };
    const read = yield* readLines(clientPath, range, ground);
    if (read.kind === "too-large") {
      if (pageLines !== null && pageLines <= MIN_PAGE_LINES) return { kind: "too-large", text: read.text };
      pageLines = pageLines === null ? FIRST_PAGE_LINES : Math.max(MIN_PAGE_LINES, Math.floor(pageLines / 4));
      continue;
    }
    if (read.kind === "empty") return whole(lines, false);
    if (read.kind === "beyond-end") {
      // Older clients do not show a last line that is empty when it is asked for alone.
      if (read.lineCount === offset) lines.push("");
      return whole(lines, false);
    }
    if (read.kind !== "lines") return { kind: "other", result: read };
    lines.push(...read.lines);
    for (const line of read.lines) characters += line.length + 1;
    const asked = range.limit ?? WHOLE_LIMIT;
    // An older client stops at exactly its limit; every other number of lines is all there is.
    const isEnd = range.limit === undefined ? read.lines.length !== asked : read.lines.length < asked;
    if (isEnd || read.lines.length === 0) return whole(lines, false);
    if (characters > enoughCharacters) return whole(lines, true);
  }
}

function whole(lines: readonly string[], isCut: boolean): WholeText {
  return { kind: "text", text: lines.join("\n"), isCut };
}
