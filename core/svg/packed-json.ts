import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type * as z from "zod";
import { InputError } from "../errors/index.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** 115 steps of 100,000 characters are 12 MB; what unpacks to more than this is not ours. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Most documents unpack in one piece. */
const CHUNK_BYTES = 128 * 1024;

/** zstd of one JSON document: a trajectory, with or without what belongs to it. The same document gives the same bytes. */
export const packJson = (document: unknown): Promise<Buffer> => compress(Buffer.from(JSON.stringify(document)));

/**
 * InputError("record_invalid") for bytes that are no such document, or too large ones; `where` names them in the message, and `hintFor`
 * may say more of a document that the schema refuses.
 */
export async function unpackJson<T>(
  packed: Uint8Array,
  where: string,
  schema: z.ZodType<T>,
  hintFor: (document: unknown) => string | undefined = () => undefined,
): Promise<T> {
  let document: unknown;
  try {
    document = JSON.parse((await decompress(packed, { maxOutputLength: MAX_BYTES, chunkSize: CHUNK_BYTES })).toString());
  } catch (cause) {
    throw new InputError("record_invalid", `${where} is not zstd-compressed JSON of at most ${MAX_BYTES} bytes.`, { cause });
  }
  const checked = schema.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new InputError("record_invalid", `${where} is no trajectory: ${issue!.path.join(".") || "the document"}: ${issue!.message}.`, {
    hint: hintFor(document),
  });
}
