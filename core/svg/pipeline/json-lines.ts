import type { ArtifactStore } from "../artifacts.ts";

const CHUNK = 500;

/** One JSON value a line, some hundreds of lines a chunk. */
export async function* jsonLines(rows: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let chunk: string[] = [];
  for await (const row of rows) {
    chunk.push(`${JSON.stringify(row)}\n`);
    if (chunk.length < CHUNK) continue;
    yield Buffer.from(chunk.join(""));
    chunk = [];
  }
  if (chunk.length > 0) yield Buffer.from(chunk.join(""));
}

/** What `jsonLines` wrote. */
export async function linesOf<Row>(artifacts: Pick<ArtifactStore, "stream">, key: string): Promise<Row[]> {
  const rows: Row[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of artifacts.stream(key)) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) rows.push(JSON.parse(line));
  }
  return rows;
}
