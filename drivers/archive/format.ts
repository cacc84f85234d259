import { isTarHeader, TAR_BLOCK } from "./tar/header.ts";
import { wrongFormat } from "./refusal.ts";

export type ArchiveKind = "gzip" | "zstd" | "tar" | "zip" | "bundle";

/** As many bytes from the beginning as `kindOf` looks at. */
export const HEAD_BYTES = TAR_BLOCK;

const MAGIC: readonly (readonly [ArchiveKind, string])[] = [
  ["gzip", "\x1f\x8b"],
  ["zstd", "\x28\xb5\x2f\xfd"],
  ["zip", "PK\x03\x04"],
  ["zip", "PK\x05\x06"],
  ["bundle", "# v2 git bundle\n"],
  ["bundle", "# v3 git bundle\n"],
];

const NOT_TAKEN: readonly (readonly [what: string, magic: string])[] = [
  ["an xz archive", "\xfd7zXZ\0"],
  ["a bzip2 archive", "BZh"],
  ["a 7-Zip archive", "7z\xbc\xaf\x27\x1c"],
  ["a RAR archive", "Rar!\x1a\x07"],
  ["an lz4 archive", "\x04\x22\x4d\x18"],
  ["an old compress (.Z) archive", "\x1f\x9d"],
  ["one part of a zip archive in several parts", "PK\x07\x08"],
  ["a bare git pack; a bundle is needed, which also names the commits", "PACK"],
  ["a git bundle of a version that is not known here", "# v"],
  ["a pointer of Git LFS; the file itself is needed", "version https://git-lfs"],
  ["a web page or XML", "<"],
  ["JSON", "{"],
];

/** By content: a name can say anything. InputError("archive_format") for what is not taken. */
export function kindOf(archive: string, head: Buffer): ArchiveKind {
  if (head.length === 0) throw wrongFormat(archive, "it is empty.");
  const text = head.toString("latin1");
  const found = MAGIC.find(([, magic]) => text.startsWith(magic));
  if (found !== undefined) return found[0];
  if (isTarHeader(head)) return "tar";
  const known = NOT_TAKEN.find(([, magic]) => text.startsWith(magic));
  throw wrongFormat(archive, known === undefined ? "its first bytes are those of no archive that is known here." : `it is ${known[0]}.`);
}
