import * as z from "zod";

const fileHead = z.strictObject({ path: z.string(), kind: z.enum(["file", "symlink"]), executable: z.boolean() });
const endHead = z.strictObject({ files: z.int().min(0), origin: z.string() });
const recordHead = z.union([fileHead, endHead]);
export type RecordHead = z.infer<typeof recordHead>;

export interface PackRecord {
  readonly head: RecordHead;
  readonly content: Uint8Array;
}

/** Length of the head, length of the content: four bytes each. */
const PREFIX_BYTES = 8;
const MAX_HEAD_BYTES = 100_000;
const MAX_CONTENT_BYTES = 0x7fff_ffff;

export function* packRecord(head: RecordHead, content: Uint8Array): Generator<Uint8Array> {
  const text = Buffer.from(JSON.stringify(head), "utf8");
  if (text.length > MAX_HEAD_BYTES || content.length > MAX_CONTENT_BYTES) throw new RangeError("The file is too large to be packed.");
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(text.length, 0);
  prefix.writeUInt32BE(content.length, 4);
  yield Buffer.concat([prefix, text]);
  if (content.length > 0) yield content;
}

/** Throws SyntaxError for what `packRecord` did not write. */
export async function* readRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<PackRecord> {
  const reader = exactReader(bytes);
  for (;;) {
    const prefix = await reader.take(PREFIX_BYTES, true);
    if (prefix === null) return;
    const headLength = prefix.readUInt32BE(0);
    const contentLength = prefix.readUInt32BE(4);
    if (headLength > MAX_HEAD_BYTES || contentLength > MAX_CONTENT_BYTES) throw new SyntaxError("The packed repository is damaged.");
    const head = recordHead.safeParse(parseJson((await reader.take(headLength, false))!));
    if (!head.success) throw new SyntaxError("The packed repository is damaged.");
    const content = (await reader.take(contentLength, false))!;
    yield { head: head.data, content };
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new SyntaxError("The packed repository is damaged.", { cause });
  }
}

function exactReader(source: AsyncIterable<Uint8Array>): { take(length: number, mayEnd: boolean): Promise<Buffer | null> } {
  const chunks = source[Symbol.asyncIterator]();
  let waiting: Buffer[] = [];
  let available = 0;
  return {
    async take(length, mayEnd) {
      while (available < length) {
        const next = await chunks.next();
        if (next.done === true) {
          if (mayEnd && available === 0) return null;
          throw new SyntaxError("The packed repository is cut off.");
        }
        waiting.push(Buffer.from(next.value));
        available += next.value.length;
      }
      const all = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting);
      waiting = [all.subarray(length)];
      available -= length;
      return all.subarray(0, length);
    },
  };
}
