import type { DatasetFormat } from "../formats/index.ts";
import { list, text, type Column } from "./column.ts";
import { METADATA } from "./metadata.ts";

/** Columns of a row in the order in which they are written. */
export function rowColumns(format: DatasetFormat): readonly Column[] {
  return [{ ...list("messages", format.messageFields), nullable: false }, text("tools"), ...METADATA];
}
