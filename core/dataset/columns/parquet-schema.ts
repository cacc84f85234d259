import type { SchemaElement } from "hyparquet";
import type { Column, ScalarType } from "./column.ts";

const PHYSICAL = { string: "BYTE_ARRAY", int32: "INT32", int64: "INT64", float64: "DOUBLE", bool: "BOOLEAN" } as const satisfies Record<
  ScalarType,
  string
>;

/** The tree in pre-order, lists in the three levels of the Parquet format (LogicalTypes.md, "Lists"). */
export function parquetSchema(columns: readonly Column[]): SchemaElement[] {
  return [{ name: "root", num_children: columns.length }, ...columns.flatMap(elements)];
}

function elements(column: Column): SchemaElement[] {
  const { name, type } = column;
  const repetition_type = column.nullable ? "OPTIONAL" : "REQUIRED";
  if (typeof type === "string") {
    return [{ name, type: PHYSICAL[type], repetition_type, ...(type === "string" ? { converted_type: "UTF8" } : {}) }];
  }
  if ("struct" in type) return [{ name, repetition_type, num_children: type.struct.length }, ...type.struct.flatMap(elements)];
  return [
    { name, repetition_type, num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "REQUIRED", num_children: type.list.length },
    ...type.list.flatMap(elements),
  ];
}
