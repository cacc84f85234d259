import { promisify } from "node:util";
import { constants, createDeflateRaw, crc32, deflateRaw } from "node:zlib";

/** A file of an archive. Its content is bytes, or comes piece by piece. */
export interface ZipEntry {
  /** Relative, with `/`. */
  readonly name: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

interface Written {
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly packed: number;
  readonly unpacked: number;
}

const LOCAL_FILE = 0x0403_4b50;
const DESCRIPTOR = 0x0807_4b50;
const CENTRAL_FILE = 0x0201_4b50;
const END = 0x0605_4b50;
const VERSION = 20;
const UTF8_WITH_DESCRIPTOR = 0x0808;
const DEFLATED = 8;
/** 1 January 1980: archives of the same files are the same. */
const DATE = 0x0021;
const LARGEST = 0xffff_ffff;

/**
 * A zip archive as a stream (APPNOTE.TXT 6.3.10): sizes follow each file, so nothing is held but one piece. Every file is deflated, since
 * stored ones with sizes after them cannot be read by streaming readers. Throws RangeError beyond 4 GB, where the format needs extensions.
 */
export async function* zip(entries: Iterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  let offset = 0;
  const written: Written[] = [];
  const count = (bytes: Uint8Array): Uint8Array => {
    offset += bytes.length;
    if (offset > LARGEST) throw new RangeError("The archive is larger than 4 GB.");
    return bytes;
  };
  for (const entry of entries) {
    const name = Buffer.from(entry.name, "utf8");
    const start = offset;
    yield count(localHeader(name));
    const before = offset;
    const sums = { crc: 0, unpacked: 0 };
    for await (const piece of deflated(entry.content, sums)) yield count(piece);
    if (sums.unpacked > LARGEST) throw new RangeError(`${entry.name} is larger than 4 GB.`);
    const done = { name, offset: start, packed: offset - before, ...sums };
    yield count(numbers([DESCRIPTOR, done.crc, done.packed, done.unpacked]));
    written.push(done);
  }
  const directory = offset;
  for (const done of written) yield count(centralHeader(done));
  yield endRecord(written.length, offset - directory, directory);
}

async function* deflated(content: ZipEntry["content"], sums: { crc: number; unpacked: number }): AsyncGenerator<Uint8Array> {
  const note = (bytes: Uint8Array): void => {
    sums.crc = crc32(bytes, sums.crc);
    sums.unpacked += bytes.length;
  };
  if (content instanceof Uint8Array) {
    note(content);
    yield await promisify(deflateRaw)(content);
    return;
  }
  const packer = createDeflateRaw({ level: constants.Z_BEST_SPEED });
  const fed = (async () => {
    try {
      for await (const bytes of content) {
        note(bytes);
        if (!packer.write(bytes)) await new Promise((resolve) => packer.once("drain", resolve));
      }
      packer.end();
    } catch (error) {
      packer.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  for await (const piece of packer) if (piece instanceof Uint8Array) yield piece;
  await fed;
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

function localHeader(name: Buffer): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.writeUInt32LE(LOCAL_FILE, 0);
  bytes.writeUInt16LE(VERSION, 4);
  bytes.writeUInt16LE(UTF8_WITH_DESCRIPTOR, 6);
  bytes.writeUInt16LE(DEFLATED, 8);
  bytes.writeUInt16LE(DATE, 12);
  bytes.writeUInt16LE(name.length, 26);
  return Buffer.concat([bytes, name]);
}

function centralHeader({ name, offset, crc, packed, unpacked }: Written): Buffer {
  const bytes = Buffer.alloc(46);
  bytes.writeUInt32LE(CENTRAL_FILE, 0);
  // Made on Unix: what follows as attributes are a mode.
  bytes.writeUInt16LE((3 << 8) | VERSION, 4);
  bytes.writeUInt16LE(VERSION, 6);
  bytes.writeUInt16LE(UTF8_WITH_DESCRIPTOR, 8);
  bytes.writeUInt16LE(DEFLATED, 10);
  bytes.writeUInt16LE(DATE, 14);
  bytes.writeUInt32LE(crc, 16);
  bytes.writeUInt32LE(packed, 20);
  bytes.writeUInt32LE(unpacked, 24);
  bytes.writeUInt16LE(name.length, 28);
  bytes.writeUInt32LE((0o100644 << 16) >>> 0, 38);
  bytes.writeUInt32LE(offset, 42);
  return Buffer.concat([bytes, name]);
}

function endRecord(files: number, length: number, offset: number): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(END, 0);
  bytes.writeUInt16LE(files, 8);
  bytes.writeUInt16LE(files, 10);
  bytes.writeUInt32LE(length, 12);
  bytes.writeUInt32LE(offset, 16);
  return bytes;
}
