import { createGunzip, createZstdDecompress } from "node:zlib";

import { byteReader, type ByteReader, restOf } from "./byte-reader.ts";
import type { Meter } from "./meter.ts";
import { through } from "./through.ts";

const CHUNK_BYTES = 256 * 1024;

/** The uncompressed bytes of a reader's rest, none of them uncounted. */
export function decompressed(kind: "gzip" | "zstd" | "tar", packed: ByteReader, meter: Meter): ByteReader {
  if (kind === "tar") return byteReader(counted(restOf(packed), meter));
  const transform = kind === "gzip" ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES });
  return byteReader(counted(through(copies(restOf(packed)), transform), meter));
}

/** A stream may hold on to chunks beyond the reader's next call. */
async function* copies(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield Buffer.from(chunk);
}

async function* counted(source: AsyncIterable<Buffer>, meter: Meter): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    meter.unpacked(chunk.length);
    yield chunk;
  }
}
