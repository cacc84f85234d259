import type { Column, Row } from "../columns/column.ts";
import { jsonRow } from "../columns/json-row.ts";
import type { DatasetSink } from "../sink.ts";
import { createJsonlFile } from "./jsonl-file.ts";
import { createParquetFile } from "./parquet-file.ts";
import type { RowFile } from "./row-file.ts";

export const FILE_KINDS = ["jsonl", "parquet"] as const;
export type FileKind = (typeof FILE_KINDS)[number];

export interface ShardOptions {
  /** `t1` or `t2`. */
  readonly folder: string;
  readonly columns: readonly Column[];
  readonly kinds: readonly FileKind[];
  /** Characters of JSON after which a shard ends; the shards of all kinds hold the same rows. */
  readonly shardCharacters: number;
}

export interface Shards {
  /** Returns the characters of the row as JSON. */
  append(row: Row): Promise<number>;
  /** The paths of the files that were written, of the first of the kinds. */
  close(): Promise<readonly string[]>;
}

/** Writes `train-00000.jsonl`, `train-00000.parquet`, `train-00001…`. There is always a first shard, so that an empty dataset loads too. */
export async function openShards(sink: DatasetSink, options: ShardOptions): Promise<Shards> {
  const { columns } = options;
  let shard = 0;
  let characters = 0;
  let files = await openShard(sink, options, shard);
  const closeAll = async (): Promise<void> => {
    for (const file of files) await file.close();
  };
  return {
    async append(row) {
      if (characters >= options.shardCharacters) {
        await closeAll();
        characters = 0;
        files = await openShard(sink, options, ++shard);
      }
      const json = jsonRow(row, columns);
      characters += json.length;
      for (const file of files) await file.append(row, json);
      return json.length;
    },
    async close() {
      await closeAll();
      return Array.from({ length: shard + 1 }, (_, at) => pathOf(options.folder, at, options.kinds[0]!));
    },
  };
}

async function openShard(sink: DatasetSink, { folder, columns, kinds }: ShardOptions, shard: number): Promise<readonly RowFile[]> {
  const files: RowFile[] = [];
  for (const kind of kinds) {
    const file = await sink.create(pathOf(folder, shard, kind));
    files.push(kind === "jsonl" ? createJsonlFile(file) : createParquetFile(file, columns));
  }
  return files;
}

const pathOf = (folder: string, shard: number, kind: FileKind): string => `${folder}/train-${String(shard).padStart(5, "0")}.${kind}`;
