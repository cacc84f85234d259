import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Cell, Column, Row } from "../columns/column.ts";
import { parquetSchema } from "../columns/parquet-schema.ts";
import type { DatasetFile } from "../sink.ts";
import type { RowFile } from "./row-file.ts";

/** A row group is held in memory, a few times over, while it is written. */
const GROUP_CHARACTERS = 2 << 20;
const GROUP_ROWS = 1000;

export function createParquetFile(file: DatasetFile, columns: readonly Column[]): RowFile {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: parquetSchema(columns),
    codec: "ZSTD",
    compressors: { ZSTD: (input) => zstdCompressSync(input) },
    createdBy: "serac",
  });
  let rows: Row[] = [];
  let characters = 0;

  const drain = async (): Promise<void> => {
    // `offset` goes on counting: only the buffer starts again.
    await file.write(writer.getBytes());
    writer.index = 0;
  };
  const flush = async (): Promise<void> => {
    if (rows.length === 0) return;
    const columnData = columns.map((column) => ({
      name: column.name,
      data: rows.map((row) => valueOf(row[column.name] ?? null, column)),
      // Nobody looks a row up by the text of a message, and the bounds of whole texts cost time and room.
      statistics: typeof column.type === "string" && column.type !== "string",
      offsetIndex: false,
    }));
    rows = [];
    characters = 0;
    await parquet.write({ columnData, rowGroupSize: GROUP_ROWS });
    await drain();
  };
  return {
    async append(row, json) {
      rows.push(row);
      characters += json.length;
      if (rows.length >= GROUP_ROWS || characters >= GROUP_CHARACTERS) await flush();
    },
    async close() {
      await flush();
      await parquet.finish();
      await drain();
      await file.close();
    },
  };
}

function valueOf(cell: Cell, { type }: Column): unknown {
  return type === "int64" && typeof cell === "number" ? BigInt(cell) : cell;
}
