import { type PlacedDeclaration, inTextOrder } from "./declarations.ts";
import { type RowRange, readIndentation } from "./indentation.ts";

/** How a text is parsed here: what it declares, and whether the parser had to recover. */
export interface RepairParser {
  parse(text: string): Parsed;
  /** Null: no error. */
  firstErrorRow(text: string): number | null;
}

export interface Parsed {
  readonly declarations: readonly PlacedDeclaration[];
  /** Rows that the parser could make nothing of; 0 only for a text without errors. */
  readonly errorRows: number;
}

const MAX_ROUNDS = 8;
const MAX_SUSPECTS = 16;
/** Characters parsed for one file, so that the work is bounded by the text alone. */
const MAX_PARSED = 4_000_000;
/** Finding the first error reads the parser's log, which costs about as much as so many plain parses. */
const LOGGED_WEIGHT = 5;

/** A function more is worth so many rows given up: a repair must not win by blanking a class for the sake of one method. */
const FUNCTION_WORTH_ROWS = 5;

interface Attempt {
  readonly blanked: readonly RowRange[];
  readonly declarations: readonly PlacedDeclaration[];
  readonly worth: number;
}

/**
 * What a text declares when the parser's own recovery lost more than the broken region: one missing brace can hide the rest of
 * a file. The block to blame is blanked, so that all places stay where they are, and the rest is parsed again; the block to
 * blame is the one without which most functions appear. What the first parse found inside it is kept.
 */
export function repairedDeclarations(text: string, first: Parsed, parser: RepairParser): readonly PlacedDeclaration[] {
  const lines = text.split("\n");
  const indentation = readIndentation(lines);
  let best = weigh([], first.declarations, first.errorRows);
  const markers = conflictMarkers(lines);
  if (markers.length > 0) {
    const { declarations, errorRows } = parser.parse(blank(lines, markers));
    best = weigh(markers, declarations, errorRows);
  }
  let effort = 0;
  const afford = (weight: number): boolean => (effort += text.length * weight) <= MAX_PARSED;

  for (let round = 0; round < MAX_ROUNDS && afford(LOGGED_WEIGHT); round++) {
    const row = parser.firstErrorRow(blank(lines, best.blanked));
    if (row === null) break;
    let chosen: Attempt | null = null;
    for (const suspect of indentation.suspects(row).slice(0, MAX_SUSPECTS)) {
      if (!afford(1)) break;
      const blanked = [...best.blanked, suspect];
      const { declarations, errorRows } = parser.parse(blank(lines, blanked));
      const attempt = weigh(blanked, union(declarations, first.declarations, blanked), errorRows);
      if (attempt.worth >= best.worth && (chosen === null || attempt.worth > chosen.worth)) chosen = attempt;
    }
    if (chosen === null) break;
    best = chosen;
  }
  return best.declarations;
}

function weigh(blanked: readonly RowRange[], declarations: readonly PlacedDeclaration[], errorRows: number): Attempt {
  const blankedRows = blanked.reduce((rows, { start, end }) => rows + end - start, 0);
  const functions = declarations.reduce((count, { kind }) => count + (kind === "function" ? 1 : 0), 0);
  return { blanked, declarations, worth: functions * FUNCTION_WORTH_ROWS - errorRows - blankedRows };
}

/** A merge left unfinished: the marker lines are code in no language. */
function conflictMarkers(lines: readonly string[]): readonly RowRange[] {
  const rows = lines.flatMap((line, row) => (/^(<{7}|\|{7}|>{7}) |^={7}\r?$/.test(line) ? [row] : []));
  return rows.some((row) => lines[row]!.startsWith("<")) ? rows.map((row) => ({ start: row, end: row + 1 })) : [];
}

function blank(lines: readonly string[], ranges: readonly RowRange[]): string {
  if (ranges.length === 0) return lines.join("\n");
  return lines.map((line, row) => (ranges.some(({ start, end }) => row >= start && row < end) ? " ".repeat(line.length) : line)).join("\n");
}

function union(
  repaired: readonly PlacedDeclaration[],
  first: readonly PlacedDeclaration[],
  ranges: readonly RowRange[],
): PlacedDeclaration[] {
  const inside = first.filter(({ startRow, endRow }) => ranges.some(({ start, end }) => startRow >= start && endRow < end));
  return [...repaired, ...inside].toSorted(inTextOrder);
}
