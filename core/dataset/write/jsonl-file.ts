import type { DatasetFile } from "../sink.ts";
import type { RowFile } from "./row-file.ts";

const CHUNK_CHARACTERS = 1 << 20;

export function createJsonlFile(file: DatasetFile): RowFile {
  let lines: string[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const chunk = Buffer.from(lines.join(""));
    lines = [];
    characters = 0;
    await file.write(chunk);
  };
  return {
    async append(_, json) {
      lines.push(json, "\n");
      characters += json.length;
      if (characters >= CHUNK_CHARACTERS) await flush();
    },
    async close() {
      await flush();
      await file.close();
    },
  };
}
