import { crc32, deflateRawSync, deflateSync } from "node:zlib";
import { createHash } from "node:crypto";

export interface TarItem {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  /** Instead of the length of the content. */
  readonly size?: number;
  /** Instead of twelve octal digits. */
  readonly sizeField?: Buffer;
  readonly magic?: string;
  readonly prefix?: string;
  readonly checksum?: number;
}

/** Header and content of one entry, written down by hand: POSIX, "ustar Interchange Format". */
export function tarItem(item: TarItem): Buffer {
  const content = Buffer.from(item.content ?? "");
  const header = Buffer.alloc(512);
  header.set(Buffer.from(item.name).subarray(0, 100), 0);
  header.write((item.mode ?? 0o644).toString(8).padStart(7, "0"), 100, "latin1");
  header.write("0000000\x000000000\0", 108, "latin1");
  if (item.sizeField === undefined) header.write((item.size ?? content.length).toString(8).padStart(11, "0"), 124, "latin1");
  else header.set(item.sizeField, 124);
  header.write("00000000000", 136, "latin1");
  header.write("        ", 148, "latin1");
  header.write(item.type ?? "0", 156, "latin1");
  header.write(item.link ?? "", 157, 100, "utf8");
  header.write(item.magic ?? "ustar\x0000", 257, "latin1");
  header.write(item.prefix ?? "", 345, "utf8");
  const sum = item.checksum ?? header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

export const TAR_END = Buffer.alloc(1024);

export const tarOf = (...items: readonly (TarItem | Buffer)[]): Buffer =>
  Buffer.concat([...items.map((item) => (Buffer.isBuffer(item) ? item : tarItem(item))), TAR_END]);

export const paxItem = (records: string, type = "x"): Buffer => tarItem({ name: "pax", type, content: records });

export interface ZipItem {
  readonly name: string | Buffer;
  readonly content?: string | Uint8Array;
  /** Deflated, unless told otherwise. */
  readonly method?: number;
  readonly mode?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly localName?: string;
  readonly offset?: number;
  readonly madeBy?: number;
  readonly data?: Buffer;
}

/** A zip file, written down by hand: PKWARE's APPNOTE, 4.3. */
export function zipOf(items: readonly ZipItem[], { comment = "", entryCount = items.length } = {}): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const item of items) {
    const content = Buffer.from(item.content ?? "");
    const method = item.method ?? 8;
    const data = item.data ?? (method === 8 ? deflateRawSync(content) : content);
    const name = Buffer.from(item.name);
    const localName = Buffer.from(item.localName ?? item.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(item.flags ?? 0, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(item.crc ?? crc32(content), 10);
    fields.writeUInt32LE(item.packedSize ?? data.length, 14);
    fields.writeUInt32LE(item.size ?? content.length, 18);
    fields.writeUInt16LE(localName.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, localName, data]);
    fields.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(46);
    entry.write("PK\x01\x02", 0, "latin1");
    entry.writeUInt16LE(item.madeBy ?? (3 << 8) | 20, 4);
    fields.copy(entry, 6);
    entry.writeUInt32LE(((item.mode ?? 0o100_644) << 16) >>> 0, 38);
    entry.writeUInt32LE(item.offset ?? at, 42);
    directory.push(entry, name);
    locals.push(local);
    at += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entryCount, 8);
  end.writeUInt16LE(entryCount, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...locals, entries, end, Buffer.from(comment)]);
}

const PACK_TYPES = { commit: 1, tree: 2, blob: 3, tag: 4, offset: 6, id: 7 } as const;

export interface PackItem {
  readonly type: keyof typeof PACK_TYPES;
  readonly content: Buffer;
  /** Of a delta: how far back its base starts, or the base's id. */
  readonly distance?: number;
  readonly base?: Buffer;
  /** Instead of the length of the content. */
  readonly size?: number;
}

/** A pack, written down by hand (gitformat-pack(5)). */
export function packOf(items: readonly PackItem[], { count = items.length, trailer = true } = {}): Buffer {
  const header = Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1");
  header.writeUInt32BE(count, 8);
  const body = Buffer.concat([header, ...items.map(packItem)]);
  return trailer ? Buffer.concat([body, createHash("sha1").update(body).digest()]) : body;
}

export function packItem({ type, content, distance, base, size = content.length }: PackItem): Buffer {
  const bytes = [(PACK_TYPES[type] << 4) | (size & 15)];
  for (let left = Math.floor(size / 16); left > 0; left = Math.floor(left / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(left & 0x7f);
  }
  const back: number[] = [];
  if (distance !== undefined) {
    back.unshift(distance & 0x7f);
    for (let left = Math.floor(distance / 128); left > 0; left = Math.floor(left / 128)) back.unshift(0x80 | (--left & 0x7f));
  }
  return Buffer.concat([Buffer.from(bytes), Buffer.from(back), base ?? Buffer.alloc(0), deflateSync(content)]);
}

export const objectId = (type: string, content: Uint8Array): Buffer =>
  createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest();

export const treeItem = (mode: string, name: string, id: Buffer): Buffer => Buffer.concat([Buffer.from(`${mode} ${name}\0`), id]);

export const commitText = (tree: Buffer): Buffer =>
  Buffer.from(`tree ${tree.toString("hex")}\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n\nMessage\n`);

export const bundleOf = (refs: readonly (readonly [name: string, id: Buffer])[], pack: Buffer, head = "# v2 git bundle\n"): Buffer =>
  Buffer.concat([Buffer.from(`${head}${refs.map(([name, id]) => `${id.toString("hex")} ${name}\n`).join("")}\n`), pack]);

/** A size or an instruction's argument of a delta: seven bits a byte, the lowest first. */
export function deltaSize(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.from(bytes);
}
