import { PassThrough, Readable } from "node:stream";
import { constants } from "node:zlib";
import { ZipFile } from "yazl";

/** A file of an archive. Its content is bytes, or comes piece by piece. */
export interface ZipEntry {
  /** Relative, with `/`. */
  readonly name: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Older than the format's dates, so it becomes the first of them in every time zone: archives of the same files are the same. */
const SETTINGS = { mtime: new Date(0), forceDosTimestamp: true, mode: 0o100644 } as const;
const FAST = { compressionLevel: constants.Z_BEST_SPEED } as const;

/** A zip archive as a stream: of what comes in pieces, only a few pieces are held. Throws what reading a content throws. */
export async function* zip(entries: Iterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const file = new ZipFile();
  const archive = file.outputStream.pipe(new PassThrough());
  const sources: Readable[] = [];
  for (const { name, content } of entries) {
    if (content instanceof Uint8Array) {
      file.addBuffer(Buffer.from(content.buffer, content.byteOffset, content.byteLength), name, SETTINGS);
      continue;
    }
    const source = Readable.from(content, { objectMode: false });
    source.once("error", (error) => archive.destroy(error));
    sources.push(source);
    file.addReadStream(source, name, { ...SETTINGS, ...FAST });
  }
  file.end();
  try {
    for await (const bytes of archive) if (bytes instanceof Uint8Array) yield bytes;
  } finally {
    for (const source of sources) source.destroy();
  }
}
