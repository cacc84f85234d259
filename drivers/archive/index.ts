import { join } from "node:path";

import type { Archives } from "../../core/control/platform.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { openBundle } from "./bundle/open.ts";
import { byteReader, type ByteReader, restOf } from "./byte-reader.ts";
import { createContentFile, type ContentFile } from "./content-file.ts";
import { decompressed } from "./decompress.ts";
import { HEAD_BYTES, kindOf, type ArchiveKind } from "./format.ts";
import { ARCHIVE_LIMITS, type ArchiveLimits } from "./limits.ts";
import { createMeter, type Meter } from "./meter.ts";
import { privateFolder } from "./private-folder.ts";
import { emptyRepository, translated, unreadable, wrongFormat } from "./refusal.ts";
import { unpackedSource } from "./source.ts";
import { spool } from "./spool.ts";
import { isEndBlock, isTarHeader } from "./tar/header.ts";
import { unpackTar, type Unpacked } from "./tar/unpack.ts";
import { unpackZip } from "./zip/unpack.ts";

export { ARCHIVE_LIMITS, type ArchiveLimits } from "./limits.ts";
export { packRepository } from "./pack-repository.ts";

export interface ArchivesOptions {
  readonly artifacts: Pick<ArtifactStore, "stream">;
  /** Unpacked contents go below it, each archive's into a folder of its own that is gone when its repository is closed. */
  readonly folder: string;
  readonly limits?: Partial<ArchiveLimits>;
}

/**
 * Repositories in archives of unknown origin: tar.gz, tar.zst, tar, zip, and git bundles, told apart by their content.
 * `open` reads the whole archive and throws before anything of it is used:
 * InputError archive_format, archive_too_large, archive_unreadable, archive_unsafe, repository_empty,
 * repository_commit_unknown; SeracError artifact_missing.
 *
 * What it gives is strict about being the tree that every other tool would unpack, and never follows a link.
 */
export function createArchives({ artifacts, folder, limits: given = {} }: ArchivesOptions): Archives {
  const limits = { ...ARCHIVE_LIMITS, ...given };
  return {
    async open(key, { commit, origin, signal }) {
      signal?.throwIfAborted();
      const meter = createMeter(origin, limits);
      const reader = byteReader(metered(artifacts.stream(key), meter, signal));
      try {
        const kind = kindOf(origin, await reader.peek(HEAD_BYTES));
        return await openKind(kind, { origin, revision: commit, reader, limits, meter, signal, folder });
      } catch (error) {
        signal?.throwIfAborted();
        throw translated(origin, error);
      } finally {
        await reader.close();
      }
    },
  };
}

interface OpenRequest {
  readonly origin: string;
  readonly revision: string;
  readonly reader: ByteReader;
  readonly limits: ArchiveLimits;
  readonly meter: Meter;
  readonly signal: AbortSignal | undefined;
  readonly folder: string;
}

async function openKind(kind: ArchiveKind, request: OpenRequest): Promise<RepositorySource> {
  const { origin, revision, reader, limits, signal } = request;
  const place = await privateFolder(request.folder);
  try {
    if (kind === "bundle") {
      return await openBundle({
        origin,
        revision,
        reader,
        packPath: join(place.path, "pack"),
        limits,
        signal,
        onClose: () => place.remove(),
      });
    }
    const contents = await createContentFile(join(place.path, "contents"));
    const close = async (): Promise<void> => {
      await contents.close();
      await place.remove();
    };
    try {
      const unpacked = await unpack(kind, request, contents, place.path);
      await contents.finish();
      return unpackedSource({ origin, revision, unpacked, contents, onClose: close });
    } catch (error) {
      await contents.close();
      throw error;
    }
  } catch (error) {
    await place.remove();
    throw error;
  }
}

async function unpack(kind: Exclude<ArchiveKind, "bundle">, request: OpenRequest, contents: ContentFile, place: string): Promise<Unpacked> {
  const { origin, reader, limits, meter, signal } = request;
  if (kind === "zip") {
    const path = join(place, "archive");
    await spool(restOf(reader), path);
    return unpackZip(origin, path, contents, meter, limits, signal);
  }
  const tar = decompressed(kind, reader, meter);
  try {
    const head = await tar.peek(HEAD_BYTES);
    if (head.length === HEAD_BYTES && isEndBlock(head)) throw emptyRepository(origin);
    if (!isTarHeader(head)) {
      if (kind === "tar" || head.length === HEAD_BYTES) throw wrongFormat(origin, "what it compresses is no tar archive.");
      throw unreadable(origin, "it ends before its first entry.");
    }
    return await unpackTar(origin, tar, contents, meter);
  } finally {
    await tar.close();
  }
}

async function* metered(chunks: AsyncIterable<Uint8Array>, meter: Meter, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    meter.packed(chunk.length);
    yield chunk;
  }
}
