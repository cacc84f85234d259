import { open } from "node:fs/promises";
import { createInflateRaw, crc32, inflateRawSync } from "node:zlib";

import type { ContentFile } from "../content-file.ts";
import type { ArchiveLimits } from "../limits.ts";
import type { Meter } from "../meter.ts";
import { printable, unreadable, unsafe } from "../refusal.ts";
import type { Unpacked } from "../tar/unpack.ts";
import { through } from "../through.ts";
import { treeBuilder } from "../tree.ts";
import { readDirectory, type ZipEntry } from "./directory.ts";
import { fileWindow, type FileWindow } from "./window.ts";

/** Up to here an entry is unpacked at once, which is many times faster than by a stream. */
const AT_ONCE_BYTES = 4 << 20;
const PORTION_BYTES = 1 << 20;
const MAX_LINK_BYTES = 4096;

/** `path` is the archive on the disk: a zip's directory stands at its end. */
export async function unpackZip(
  archive: string,
  path: string,
  contents: ContentFile,
  meter: Meter,
  limits: ArchiveLimits,
  signal: AbortSignal | undefined,
): Promise<Unpacked> {
  await using handle = await open(path, "r");
  const window = fileWindow(handle);
  const { entries, comment } = await readDirectory(archive, window, (await handle.stat()).size, limits, meter);
  const tree = treeBuilder(archive, { mayRepeat: false });
  for (const entry of entries) {
    signal?.throwIfAborted();
    const { name, kind, size, executable } = entry;
    if (kind === "folder") tree.folder(name);
    else if (kind === "special") tree.special(name);
    else if (kind === "symlink") {
      if (size === 0 || size > MAX_LINK_BYTES) throw unsafe(archive, `the link ${printable(name)} has a target that no disk can hold.`);
      const parts: Uint8Array[] = [];
      for await (const chunk of checkedContent(archive, entry, window)) parts.push(chunk);
      const target = Buffer.concat(parts);
      if (target.includes(0)) throw unsafe(archive, `the link ${printable(name)} has a target that no disk can hold.`);
      tree.leaf(name, { kind: "symlink", executable: false, offset: 0, size: 0, target });
    } else {
      const offset = contents.end;
      for await (const chunk of checkedContent(archive, entry, window)) await contents.write(chunk);
      tree.leaf(name, { kind: "file", executable, offset, size, target: new Uint8Array() });
    }
  }
  return { ...tree.build(), comment };
}

/** All content of an entry, of the size and checksum that the directory tells; at the last byte at the latest it is known to be. */
async function* checkedContent(archive: string, entry: ZipEntry, window: FileWindow): AsyncGenerator<Uint8Array> {
  const damaged = (cause?: unknown): Error => unreadable(archive, `the entry ${printable(entry.name)} is damaged.`, undefined, cause);
  let sum = 0;
  let bytes = 0;
  try {
    for await (const chunk of content(entry, window)) {
      sum = crc32(chunk, sum);
      bytes += chunk.length;
      if (bytes > entry.size) throw damaged();
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))) throw damaged(error);
    throw error;
  }
  if (bytes !== entry.size || sum !== entry.crc32) throw damaged();
}

async function* content(entry: ZipEntry, window: FileWindow): AsyncGenerator<Uint8Array> {
  if (!entry.isDeflated) yield* portions(entry, window);
  else if (Math.max(entry.packedBytes, entry.size) <= AT_ONCE_BYTES) {
    const packed = await window.at(entry.start, entry.packedBytes);
    yield inflateRawSync(packed, { maxOutputLength: Math.max(entry.size, 1), chunkSize: Math.max(entry.size, 64) });
  } else yield* through(portions(entry, window), createInflateRaw({ chunkSize: PORTION_BYTES }));
}

async function* portions({ start, packedBytes }: ZipEntry, window: FileWindow): AsyncGenerator<Buffer> {
  for (let at = 0; at < packedBytes;) {
    const portion = await window.at(start + at, Math.min(PORTION_BYTES, packedBytes - at));
    if (portion.length === 0) return;
    at += portion.length;
    // The window moves on before a stream is done with this.
    yield Buffer.from(portion);
  }
}
