import { createGzip } from "node:zlib";

import type { RepositoryFile, RepositorySource } from "../../core/survey/repository.ts";
import { TAR_BLOCK } from "./tar/header.ts";
import { writePax } from "./tar/pax.ts";
import { writeHeader } from "./tar/write-header.ts";
import { through } from "./through.ts";

const FILE = 0o644;
const EXECUTABLE = 0o755;
const MAX_FIELD_BYTES = 100;

/**
 * A tar.gz of a repository's files and links, with its commit where git archive would write it. The same source gives the same
 * bytes on one machine; compression may differ between kinds of processors. Submodules become empty folders, as in git
 * archive; what cannot be read is left out.
 */
export function packRepository(source: RepositorySource): AsyncGenerator<Uint8Array> {
  return through(tarOf(source), createGzip());
}

async function* tarOf(source: RepositorySource): AsyncGenerator<Uint8Array> {
  if (source.commit !== null) yield* withMeta("g", "pax_global_header", [["comment", Buffer.from(source.commit)]]);
  // Says that paths start here, also where all files are in one folder.
  yield writeHeader({ name: Buffer.from("./"), type: "5", mode: EXECUTABLE, size: 0 });
  for await (const file of source.files()) yield* entryOf(file);
  yield Buffer.alloc(2 * TAR_BLOCK);
}

async function* entryOf(file: RepositoryFile): AsyncGenerator<Uint8Array> {
  if (file.kind === "unreadable") return;
  const content = await file.read();
  if (file.kind === "symlink") yield* entry("2", `./${file.path}`, 0o777, 0, content);
  else if (file.kind === "submodule") yield* entry("5", `./${file.path}/`, EXECUTABLE, 0);
  else {
    yield* entry("0", `./${file.path}`, file.executable ? EXECUTABLE : FILE, content.length);
    yield* padded(content);
  }
}

function* entry(type: string, path: string, mode: number, size: number, linkName: Uint8Array = new Uint8Array()): Generator<Uint8Array> {
  const name = Buffer.from(path);
  const records: [string, Uint8Array][] = [];
  if (name.length > MAX_FIELD_BYTES) records.push(["path", name]);
  if (linkName.length > MAX_FIELD_BYTES) records.push(["linkpath", linkName]);
  if (records.length > 0) yield* withMeta("x", "./PaxHeader", records);
  yield writeHeader({ name: name.subarray(0, MAX_FIELD_BYTES), type, mode, size, linkName: linkName.subarray(0, MAX_FIELD_BYTES) });
}

function* withMeta(type: "x" | "g", name: string, records: readonly (readonly [string, Uint8Array])[]): Generator<Uint8Array> {
  const body = writePax(records);
  yield writeHeader({ name: Buffer.from(name), type, mode: FILE, size: body.length });
  yield* padded(body);
}

function* padded(content: Uint8Array): Generator<Uint8Array> {
  if (content.length === 0) return;
  yield content;
  const over = content.length % TAR_BLOCK;
  if (over > 0) yield Buffer.alloc(TAR_BLOCK - over);
}
