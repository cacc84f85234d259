import { fromRandomAccessReaderPromise, type Entry, type ZipFile } from "yauzl";

import type { ArchiveLimits } from "../limits.ts";
import type { Meter } from "../meter.ts";
import { printable, tooLarge, unreadable, unsafe } from "../refusal.ts";
import { WindowReader, type FileWindow } from "./window.ts";

export type ZipEntryKind = "file" | "folder" | "symlink" | "special";

export interface ZipEntry {
  readonly kind: ZipEntryKind;
  readonly name: Buffer;
  readonly executable: boolean;
  readonly crc32: number;
  readonly isDeflated: boolean;
  readonly packedBytes: number;
  readonly size: number;
  /** Where its data starts in the archive. */
  readonly start: number;
}

export interface ZipDirectory {
  /** In the order of their data. */
  readonly entries: readonly ZipEntry[];
  /** Where git archive writes the commit's id (git-archive(1)). */
  readonly comment: string;
}

const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER_BYTES = 30;
const MADE_ON_UNIX = new Set([3, 19]);
const S_IFMT = 0o170_000;
const UNIX_KINDS: Readonly<Record<number, ZipEntryKind>> = { 0: "file", 0o100_000: "file", 0o040_000: "folder", 0o120_000: "symlink" };

/**
 * What a zip says of itself, without its contents. A zip tells names twice and where its data lies only once; tools that
 * believe one or the other see different files, so both must agree and no two entries may share data.
 * InputError("archive_unreadable", "archive_unsafe", "archive_too_large").
 */
export async function readDirectory(
  archive: string,
  window: FileWindow,
  archiveBytes: number,
  limits: ArchiveLimits,
  meter: Meter,
): Promise<ZipDirectory> {
  const zip = await orUnreadable(archive, () =>
    fromRandomAccessReaderPromise(new WindowReader(window), archiveBytes, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: true,
    }),
  );
  if (zip.entryCount > limits.entries) {
    throw tooLarge(
      archive,
      `it has ${zip.entryCount.toLocaleString("en")} entries; the most allowed are ${limits.entries.toLocaleString("en")}.`,
    );
  }
  const told = await orUnreadable(archive, () => allOf(zip));
  told.sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const entries: ZipEntry[] = [];
  let free = 0;
  for (const entry of told) {
    check(archive, entry);
    meter.entry(nameOf(entry), entry.uncompressedSize);
    meter.unpacked(entry.uncompressedSize);
    const local = await orUnreadable(archive, () => zip.readLocalFileHeaderPromise(entry));
    if (!local.fileName.equals(nameOf(entry))) {
      throw unsafe(archive, `the entry ${printable(nameOf(entry))} is called ${printable(local.fileName)} where its data is.`);
    }
    if (entry.relativeOffsetOfLocalHeader < free)
      throw unsafe(archive, `the entry ${printable(nameOf(entry))} shares its data with another entry.`);
    free = Math.max(local.fileDataStart + entry.compressedSize, entry.relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES);
    entries.push(entryOf(archive, entry, local.fileDataStart));
  }
  return { entries, comment: commentOf(zip) };
}

/** With `decodeStrings: false` names and comments are bytes, whatever their type says. */
const nameOf = (entry: Entry): Buffer => entry.fileNameRaw;
const commentOf = (zip: ZipFile): string => Buffer.from(zip.comment).toString("latin1");

function check(archive: string, entry: Entry): void {
  const shown = printable(nameOf(entry));
  if (entry.isEncrypted()) throw unreadable(archive, `the entry ${shown} is encrypted.`, "Make the archive without a password.");
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw unreadable(
      archive,
      `the entry ${shown} is compressed by method ${entry.compressionMethod}; deflate is taken, and no compression.`,
      "Make the archive with zip's usual options.",
    );
  }
  if (nameOf(entry).includes(0x5c)) {
    throw unsafe(
      archive,
      `the entry ${shown} has a \\ in its name; the parts of a path in a zip are separated by /.`,
      "Make the archive with another tool.",
    );
  }
}

function entryOf(archive: string, entry: Entry, start: number): ZipEntry {
  const name = nameOf(entry);
  const mode = MADE_ON_UNIX.has(entry.versionMadeBy >> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const told = UNIX_KINDS[mode & S_IFMT] ?? "special";
  const kind = name.at(-1) === 0x2f ? "folder" : told;
  if (kind === "folder" && entry.uncompressedSize > 0)
    throw unsafe(archive, `the folder ${printable(name)} has content, as only a file does.`);
  return {
    kind,
    name: Buffer.from(name),
    executable: (mode & 0o111) !== 0,
    crc32: entry.crc32,
    isDeflated: entry.compressionMethod === DEFLATED,
    packedBytes: entry.compressedSize,
    size: entry.uncompressedSize,
    start,
  };
}

async function allOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}

async function orUnreadable<T>(archive: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unreadable(archive, `it is damaged or cut off (${error instanceof Error ? error.message : String(error)}).`, undefined, error);
  }
}
