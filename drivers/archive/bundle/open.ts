import { createHash } from "node:crypto";

import { InputError } from "../../../core/errors/index.ts";
import { changeTextsFrom } from "../../../core/survey/change-texts.ts";
import { noteOnSubmodules, type TreeEntry } from "../../../core/survey/commit-tree.ts";
import type { RepositoryFile, RepositorySource } from "../../../core/survey/repository.ts";
import { type ByteReader, restOf } from "../byte-reader.ts";
import { leadsOut } from "../entry-path.ts";
import type { ArchiveLimits } from "../limits.ts";
import { openPack, type ObjectStore } from "../pack/open-pack.ts";
import { PackError } from "../pack/pack-file.ts";
import { PackLimitError } from "../pack/unpack-object.ts";
import { emptyRepository, tooLarge, unreadable } from "../refusal.ts";
import { spool } from "../spool.ts";
import { noteOnLinksOut } from "../tree.ts";
import { parseCommitObject } from "./commit-object.ts";
import { readBundleHeader } from "./header.ts";
import { readHistory } from "./history.ts";
import { listTree } from "./list-tree.ts";
import { resolveRevision } from "./resolve.ts";

export interface BundleRequest {
  readonly origin: string;
  readonly revision: string;
  /** At the beginning of the bundle. */
  readonly reader: ByteReader;
  /** Where the pack goes; removed by the caller. */
  readonly packPath: string;
  readonly limits: ArchiveLimits;
  readonly signal: AbortSignal | undefined;
  readonly onClose: () => Promise<void>;
}

/** Everything stays in the pack: a file is unpacked when it is read. InputError as `Archives.open` has them. */
export async function openBundle(request: BundleRequest): Promise<RepositorySource> {
  const { origin, revision, reader, packPath, limits, signal } = request;
  try {
    const { algorithm, refs } = await readBundleHeader(origin, reader);
    if (refs.length === 0) throw emptyRepository(origin);
    await spoolPack(origin, reader, packPath, algorithm);
    const objects = await openPack(packPath, { algorithm, limits, signal });
    try {
      const { id, notes } = resolveRevision(origin, revision, refs, objects);
      return bundleSource(request, objects, id, notes);
    } catch (error) {
      objects.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof PackError) throw unreadable(origin, `${error.message}.`, undefined, error);
    if (error instanceof PackLimitError) throw tooLarge(origin, `${error.message}.`, SMALLER);
    throw error;
  }
}

const SMALLER = "Upload the files without their history: git archive -o repo.tar.gz HEAD.";

/** A pack ends in the hash of all that is before it. */
async function spoolPack(archive: string, reader: ByteReader, path: string, algorithm: "sha1" | "sha256"): Promise<void> {
  const hash = createHash(algorithm);
  const length = algorithm === "sha1" ? 20 : 32;
  let tail = Buffer.alloc(0);
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of restOf(reader)) {
      const joined = Buffer.concat([tail, chunk]);
      hash.update(joined.subarray(0, -length));
      tail = joined.subarray(-length);
      yield chunk;
    }
  }
  await spool(hashed(), path);
  if (!hash.digest().equals(tail)) throw unreadable(archive, "its pack is damaged or cut off: the checksum is another.");
}

function bundleSource(
  { origin, limits, onClose }: BundleRequest,
  objects: ObjectStore,
  commit: string,
  notes: readonly string[],
): RepositorySource {
  const found = parseCommitObject(objects.read(commit)!.content);
  if (found === null) throw unreadable(origin, `commit ${commit} is damaged.`);
  const tree = listTree(origin, objects, found.tree, limits);
  if (tree.entries.length === 0) throw emptyRepository(origin);
  const isShallow = found.parents.some((parent) => objects.sizeOf(parent) === null);
  let isOpen = true;

  async function read(entry: TreeEntry): Promise<Uint8Array> {
    if (!isOpen) throw new Error("This repository was closed.");
    if (entry.kind === "submodule") return new Uint8Array();
    const object = objects.read(entry.objectId);
    // A copy: what was unpacked may serve as a base for others.
    if (object?.type === "blob") return Uint8Array.from(object.content);
    throw new InputError("repository_unreadable", `${origin}: the content of ${JSON.stringify(entry.path)} is missing or damaged.`, {
      hint: "git fsck says what is wrong with the repository; a bundle of a fresh, full clone is a way out.",
    });
  }

  const files = tree.entries.map((entry): RepositoryFile => {
    const { path, kind, executable, size } = entry;
    return { path, kind, executable, size, read: () => read(entry) };
  });
  const outside = tree.entries.filter(
    ({ kind, path, objectId }) => kind === "symlink" && leadsOut(path, objects.read(objectId)?.content.toString("latin1") ?? ""),
  );
  return {
    origin,
    commit,
    notes: [
      ...notes,
      ...(isShallow ? ["The bundle is of a shallow clone: its older history is not there to take demonstrations from."] : []),
      ...noteOnSubmodules(tree.entries),
      ...noteOnLinksOut(outside.map(({ path }) => path)),
      ...tree.notes,
    ],
    async *files() {
      yield* files;
    },
    changeTexts: async (limit) => changeTextsFrom(readHistory(objects, commit), limit),
    async close() {
      if (isOpen) objects.close();
      isOpen = false;
      await onClose();
    },
  };
}
