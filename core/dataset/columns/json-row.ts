import type { Cell, Column, Row } from "./column.ts";

/** A row as JSON, every column present. Floats keep a decimal point: readers that guess types from the first rows must not see an integer. */
export function jsonRow(row: Row, columns: readonly Column[]): string {
  return `{${columns.map((column) => `${JSON.stringify(column.name)}: ${jsonCell(row[column.name] ?? null, column)}`).join(", ")}}`;
}

function jsonCell(cell: Cell, { type }: Column): string {
  if (cell === null) return "null";
  if (typeof type === "string") {
    const json = JSON.stringify(cell);
    return type === "float64" && /^-?\d+$/.test(json) ? `${json}.0` : json;
  }
  if ("struct" in type) return jsonRow(cell as Row, type.struct);
  return `[${(cell as readonly Row[]).map((row) => jsonRow(row, type.list)).join(", ")}]`;
}
