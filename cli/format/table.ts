export interface TableOptions {
  /** Columns to push to the right: numbers. */
  readonly right?: readonly number[];
  readonly indent?: string;
}

/** Columns aligned by blanks. The first row is the head. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const indent = options.indent ?? "";
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        options.right?.includes(column) === true ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      );
      return `${indent}${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}
