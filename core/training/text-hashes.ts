import { InputError } from "../errors/index.ts";
import type { ArtifactStore } from "../svg/artifacts.ts";

/** Far beyond any trajectory; the trainer takes no longer ones (batch-images/sft/serac_sft/rows.py). */
const MAX_LINE_BYTES = 64 << 20;
const SHARD = /\/train-\d+\.jsonl$/;
const LINE_END = 0x0a;
/** The last column of a row, so that its text need not be read. */
const HASH = /"text_sha256":\s?"([0-9a-f]{64})"\}\s*$/;
const TAIL_BYTES = 120;

/** Hands each row's `text_sha256`, with a line end, to `see`, in the order of the rows; returns their number. InputError("dataset_invalid"). */
export async function textHashesOf(
  artifacts: Pick<ArtifactStore, "stream" | "list" | "locate">,
  prefix: string,
  see: (line: string) => void,
): Promise<number> {
  let rows = 0;
  for await (const key of artifacts.list(prefix)) {
    if (!SHARD.test(key)) continue;
    let number = 0;
    for await (const tail of tailsOf(artifacts.stream(key), artifacts.locate(key))) {
      number++;
      const hash = HASH.exec(tail)?.[1];
      if (hash === undefined) {
        const message = `${artifacts.locate(key)}:${number}: the row does not end with a text_sha256, as rows of \`serac export\` do.`;
        throw new InputError("dataset_invalid", message, { hint: "Export the run again with this serac, and leave its rows as they are." });
      }
      see(`${hash}\n`);
    }
    rows += number;
  }
  return rows;
}

/** The ends of a file's lines. Memory holds one chunk, and no line. */
async function* tailsOf(chunks: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<string> {
  let tail = new Uint8Array(0);
  let bytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
      yield textOf(joined(tail, chunk.subarray(from, end)));
      tail = new Uint8Array(0);
      bytes = 0;
      from = end + 1;
    }
    tail = joined(tail, chunk.subarray(from));
    bytes += chunk.byteLength - from;
    if (bytes > MAX_LINE_BYTES) throw new InputError("dataset_invalid", `${where} has a line of more than ${MAX_LINE_BYTES >> 20} MB.`);
  }
  if (bytes > 0) yield textOf(tail);
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = Buffer.concat([before, after.subarray(Math.max(0, after.byteLength - TAIL_BYTES))]);
  return new Uint8Array(kept.subarray(Math.max(0, kept.byteLength - TAIL_BYTES)));
}

const textOf = (tail: Uint8Array): string => new TextDecoder().decode(tail);
