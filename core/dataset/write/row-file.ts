import type { Row } from "../columns/column.ts";

/** One file of rows, in either kind. */
export interface RowFile {
  /** `json` is the row as JSON, made once for every kind. */
  append(row: Row, json: string): Promise<void>;
  close(): Promise<void>;
}
