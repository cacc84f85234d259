/** Rows are 0-based; `end` is exclusive. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

const CLOSER = /^\s*([})\]]|(end|else|elif|elsif|except|finally|rescue|ensure|catch|when)\b)/;
const TAB_WIDTH = 8;

/** Broken code has no structure left but the one that people give it: indentation. */
export interface Indentation {
  /** Blocks that may be to blame for an error noticed at `row`: those around it and those just before it, smallest first. */
  suspects(row: number): readonly RowRange[];
}

export function readIndentation(lines: readonly string[]): Indentation {
  const depths = lines.map(depthOf);

  /** The row and all that is deeper below it, with the lines that close it. */
  const blockEnd = (row: number): number => {
    let end = row + 1;
    for (let next = row + 1; next < lines.length; next++) {
      const depth = depths[next]!;
      if (depth === null) continue;
      if (depth < depths[row]! || (depth === depths[row] && !CLOSER.test(lines[next]!))) break;
      end = next + 1;
    }
    return end;
  };

  const before = (row: number, accepts: (depth: number, line: string) => boolean, stops: (depth: number) => boolean): number | null => {
    for (let at = row - 1; at >= 0; at--) {
      const depth = depths[at];
      if (depth === null || depth === undefined) continue;
      if (accepts(depth, lines[at]!)) return at;
      if (stops(depth)) return null;
    }
    return null;
  };

  return {
    suspects: (row) => {
      // A line alone: a stray one at the margin seems to own all that is deeper below it.
      const found: RowRange[] = [row - 1, row].filter((at) => at >= 0).map((at) => ({ start: at, end: at + 1 }));
      let at: number | null =
        depths[row] === null
          ? before(
              row,
              () => true,
              () => false,
            )
          : row;
      while (at !== null) {
        const depth: number = depths[at]!;
        const end = blockEnd(at);
        const head = before(
          at,
          (d, line) => d === depth && !CLOSER.test(line),
          (d) => d < depth,
        );
        found.push({ start: at, end });
        if (head !== null) found.push({ start: head, end: at }, { start: head, end });
        at = before(
          at,
          (d) => d < depth,
          () => false,
        );
      }
      return found.toSorted((a, b) => a.end - a.start - (b.end - b.start));
    },
  };
}

/** Null for a blank line. */
function depthOf(line: string): number | null {
  let depth = 0;
  for (const char of line) {
    if (char === "\t") depth += TAB_WIDTH;
    else if (char === " ") depth += 1;
    else return char === "\r" ? null : depth;
  }
  return null;
}
