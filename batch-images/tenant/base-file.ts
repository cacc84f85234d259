import { createReadStream } from "node:fs";
import { mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { MAX_BASE_BYTES } from "../../drivers/tenant-lambda/guest/wire.ts";

/** The packed repository as it arrives, part after part. */
export interface BaseFile {
  /** Throws RangeError for a part that does not follow what is there. The same part again does nothing. */
  add(at: number, part: Uint8Array): Promise<void>;
  /** Of the whole file, unpacked. */
  read(): AsyncIterable<Uint8Array>;
  remove(): Promise<void>;
}

export function createBaseFile(file: string): BaseFile {
  let handle: FileHandle | null = null;
  let length = 0;
  return {
    async add(at, part) {
      if (at > length) throw new RangeError(`The base has ${length} bytes, and what comes next begins at ${at}.`);
      if (at + part.length > MAX_BASE_BYTES) throw new RangeError("The base is too large.");
      if (at + part.length <= length) return;
      if (handle === null) {
        await mkdir(dirname(file), { recursive: true });
        handle = await open(file, "w", 0o600);
      }
      await handle.write(part, 0, part.length, at);
      length = at + part.length;
    },
    async *read() {
      const unpacked = createZstdDecompress();
      // Whoever reads is told.
      unpacked.on("error", () => {});
      const feeding = pipeline(createReadStream(file), unpacked);
      feeding.catch(() => {});
      for await (const chunk of unpacked) if (chunk instanceof Uint8Array) yield chunk;
      await feeding;
    },
    async remove() {
      await handle?.close();
      handle = null;
      length = 0;
      await rm(file, { force: true });
    },
  };
}
