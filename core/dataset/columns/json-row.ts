import type { Cell, Column, Row } from "./column.ts";

/**
 * A row as JSON, every column present. Floats keep a decimal point: readers that guess types from the first rows must not see an integer.
 * Lists and structs are written as they are; formats make them with every field, in the order of the columns.
 */
export function jsonRow(row: Row, columns: readonly Column[]): string {
  return `{${columns.map((column) => `${JSON.stringify(column.name)}:${jsonCell(row[column.name] ?? null, column)}`).join(",")}}`;
}

function jsonCell(cell: Cell, { type }: Column): string {
  const json = JSON.stringify(cell);
  return type === "float64" && /^-?\d+$/.test(json) ? `${json}.0` : json;
}
