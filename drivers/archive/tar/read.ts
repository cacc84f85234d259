import { type ByteReader, restOf } from "../byte-reader.ts";
import { printable, unreadable } from "../refusal.ts";
import { isEndBlock, isTarHeader, parseHeader, TAR_BLOCK, type TarHeader } from "./header.ts";
import { parsePax } from "./pax.ts";

export type TarEntryKind = "file" | "folder" | "symlink" | "hardLink" | "special";

export interface TarEntry {
  readonly kind: TarEntryKind;
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly executable: boolean;
  /** Bytes of content; 0 for all but files. */
  readonly size: number;
}

export interface TarReading {
  /** An entry's content is read, at most once, before the next entry is asked for. */
  entries(): AsyncGenerator<{ readonly entry: TarEntry; readonly content: () => AsyncGenerator<Buffer> }>;
  /** The comment in a global header, where git archive writes the commit's id (git-archive(1)). Known when all entries were read. */
  comment(): string | null;
}

const MAX_META_BYTES = 1 << 20;
const PORTION_BYTES = 1 << 20;

const KINDS: Readonly<Record<string, TarEntryKind>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardLink",
  "2": "symlink",
  "3": "special",
  "4": "special",
  "6": "special",
  "5": "folder",
  D: "folder",
};

const NOT_TAKEN: Readonly<Record<string, string>> = {
  S: "is a sparse file",
  M: "goes on from another volume",
  N: "has its name in an old format of GNU tar",
};

/** What headers before an entry say of it. */
interface Ahead {
  pax: ReadonlyMap<string, Buffer>;
  name: Buffer | null;
  linkName: Buffer | null;
}

/**
 * Strict where tolerant readers differ from each other, since what is read here and what another tool unpacks must be the
 * same. InputError("archive_unreadable").
 */
export function readTar(archive: string, reader: ByteReader): TarReading {
  let comment: string | null = null;
  const damaged = (what: string, hint?: string): Error => unreadable(archive, what, hint);

  async function exactly(length: number): Promise<Buffer> {
    const bytes = await reader.take(length);
    if (bytes.length < length) throw damaged("it ends in the middle: it was cut off.", "Upload it again, as a whole.");
    return bytes;
  }

  const padding = (size: number): number => (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;

  async function meta(header: TarHeader): Promise<Buffer> {
    if (header.size > MAX_META_BYTES) throw damaged(`a header before an entry has more than ${MAX_META_BYTES} bytes.`);
    const body = Buffer.from(await exactly(header.size));
    await exactly(padding(header.size));
    return body;
  }

  async function records(header: TarHeader): Promise<ReadonlyMap<string, Buffer>> {
    const found = parsePax(await meta(header));
    if (found === null) throw damaged("an extended header (pax) is damaged.");
    return found;
  }

  /** Null at the end of the archive. */
  async function nextHeader(): Promise<TarHeader | null> {
    const at = reader.position;
    const block = await exactly(TAR_BLOCK);
    if (isEndBlock(block)) return null;
    const header = isTarHeader(block) ? parseHeader(block) : null;
    if (header === null) throw damaged(`the header at byte ${at} is damaged.`);
    return header;
  }

  /** The next header of an entry, with what stood before it. */
  async function nextEntry(): Promise<TarEntry | null> {
    const ahead: Ahead = { pax: new Map(), name: null, linkName: null };
    for (let header = await nextHeader(); header !== null; header = await nextHeader()) {
      if (header.type === "x") ahead.pax = await records(header);
      else if (header.type === "L") ahead.name = untilNul(await meta(header));
      else if (header.type === "K") ahead.linkName = untilNul(await meta(header));
      else if (header.type === "g") readGlobal(await records(header));
      else if (header.type === "V") await meta(header);
      else return entryOf(header, ahead);
    }
    if (ahead.name !== null || ahead.linkName !== null || ahead.pax.size > 0)
      throw damaged("it ends after a header that announces an entry.");
    return null;
  }

  function readGlobal(found: ReadonlyMap<string, Buffer>): void {
    const odd = ["path", "linkpath", "size"].find((key) => found.has(key));
    if (odd !== undefined) throw damaged(`a global header sets ${odd} for all entries.`);
    comment = found.get("comment")?.toString("utf8") ?? comment;
  }

  function entryOf(header: TarHeader, { pax, name: longName, linkName: longLink }: Ahead): TarEntry {
    const name = pax.get("path") ?? longName ?? header.name;
    const linkName = pax.get("linkpath") ?? longLink ?? header.linkName;
    const size = pax.has("size") ? decimal(pax.get("size")!) : header.size;
    if (size === null) throw damaged(`the entry ${printable(name)} has a size that is no number.`);
    const isSparse = [...pax.keys()].some((key) => key.startsWith("GNU.sparse."));
    const reason = isSparse ? NOT_TAKEN["S"] : NOT_TAKEN[header.type];
    if (reason !== undefined)
      throw damaged(`the entry ${printable(name)} ${reason}, which is not taken.`, "Make the archive with tar's usual options.");
    const told = KINDS[header.type];
    // Before POSIX a folder was a file whose name ends in a slash.
    const kind = told === "file" && name.at(-1) === 0x2f ? "folder" : told;
    if (kind === undefined) throw damaged(`the entry ${printable(name)} is of the unknown type ${printable(header.type)}.`);
    // Tools differ on whether content follows, so that one would see files that another does not. A folder's listing (D) has content.
    if (kind !== "file" && header.type !== "D" && size !== 0)
      throw damaged(`the entry ${printable(name)} has content, which a ${IN_WORDS[kind]} has not.`);
    return { kind, name, linkName, executable: (header.mode & 0o111) !== 0, size };
  }

  async function* content(size: number, done: (bytes: number) => void): AsyncGenerator<Buffer> {
    for (let left = size; left > 0;) {
      const chunk = await reader.some(Math.min(left, PORTION_BYTES));
      if (chunk.length === 0) await exactly(1);
      left -= chunk.length;
      done(chunk.length);
      yield chunk;
    }
  }

  return {
    comment: () => comment,
    async *entries() {
      for (let entry = await nextEntry(); entry !== null; entry = await nextEntry()) {
        let left = entry.size;
        const rest = (): AsyncGenerator<Buffer> => content(left, (bytes) => (left -= bytes));
        yield { entry, content: rest };
        for await (const _ of rest());
        await exactly(padding(entry.size));
      }
      // What follows is padding; a checksum of the compression may come after it.
      for await (const _ of restOf(reader));
    },
  };
}

const IN_WORDS: Readonly<Record<TarEntryKind, string>> = {
  file: "file",
  folder: "folder",
  symlink: "symbolic link",
  hardLink: "hard link",
  special: "device or pipe",
};

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function decimal(bytes: Buffer): number | null {
  const text = bytes.toString("latin1");
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
