import type { ByteReader } from "../byte-reader.ts";
import type { ContentFile } from "../content-file.ts";
import type { Meter } from "../meter.ts";
import { printable, unsafe } from "../refusal.ts";
import { treeBuilder, type UnpackedTree } from "../tree.ts";
import { readTar, type TarEntry } from "./read.ts";

const MAX_LINK_BYTES = 4096;

export interface Unpacked extends UnpackedTree {
  /** What the archive says of where it comes from: the comment in which git archive writes the commit. */
  readonly comment: string | null;
}

export async function unpackTar(archive: string, reader: ByteReader, contents: ContentFile, meter: Meter): Promise<Unpacked> {
  const tree = treeBuilder(archive, { mayRepeat: true });
  const reading = readTar(archive, reader);
  for await (const { entry, content } of reading.entries()) {
    meter.entry(entry.name, entry.size);
    const offset = contents.end;
    if (entry.kind === "file") {
      for await (const chunk of content()) await contents.write(chunk);
      tree.leaf(entry.name, { kind: "file", executable: entry.executable, offset, size: entry.size, target: NO_TARGET });
    } else if (entry.kind === "symlink") {
      checkTarget(archive, entry);
      tree.leaf(entry.name, { kind: "symlink", executable: false, offset, size: 0, target: entry.linkName });
    } else if (entry.kind === "hardLink") tree.hardLink(entry.name, entry.linkName);
    else if (entry.kind === "folder") tree.folder(entry.name);
    else tree.special(entry.name);
  }
  return { ...tree.build(), comment: reading.comment() };
}

const NO_TARGET = new Uint8Array();

function checkTarget(archive: string, { name, linkName }: TarEntry): void {
  if (linkName.length === 0) throw unsafe(archive, `the link ${printable(name)} leads to no name.`);
  if (linkName.length > MAX_LINK_BYTES || linkName.includes(0))
    throw unsafe(archive, `the link ${printable(name)} has a target that no disk can hold.`);
}
