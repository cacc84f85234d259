import { expandTabs } from "./text-file.ts";
import { clipView, numberedLine } from "./numbered.ts";

/** Shorter bodies are shown. */
const MIN_ELIDED_LINES = 6;

const BEFORE =
  "<NOTE>This file is too long to be shown whole; bodies of longer functions are left out. Use `view` with `view_range` to see the lines that you need.</NOTE>";

/** Lines of a function's body, from 1, inclusive. */
export interface Body {
  readonly startLine: number;
  readonly endLine: number;
}

/** A long file with the bodies of its longer functions left out and the line numbers kept. Null where there is none to leave out. */
export function fileMap(shown: string, bodies: readonly Body[]): string | null {
  const lines = shown.split("\n");
  const out: string[] = [];
  let next = 1;
  const elided = bodies
    .filter((body) => body.endLine - body.startLine + 1 >= MIN_ELIDED_LINES)
    .toSorted((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
  for (const body of elided) {
    if (body.startLine < next) continue;
    while (next < body.startLine) out.push(numberedLine(next, lines[next++ - 1]!));
    out.push(numberedLine(body.startLine, `... eliding lines ${body.startLine}-${body.endLine} ...`));
    next = body.endLine + 1;
  }
  if (out.length === 0) return null;
  while (next <= lines.length) out.push(numberedLine(next, lines[next++ - 1]!));
  return `${BEFORE}\n${clipView(out.map((line) => expandMapLine(line)).join("\n"))}\n`;
}

/** Tab stops count from the line's own beginning, as everywhere in the editor. */
function expandMapLine(line: string): string {
  const tab = line.indexOf("\t");
  return line.slice(0, tab + 1) + expandTabs(line.slice(tab + 1));
}
