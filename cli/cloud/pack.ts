import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MAX_ARCHIVE_BYTES } from "../../core/control/archive.ts";
import { InputError } from "../../core/errors/index.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import { packRepository } from "../platform/cloud.ts";

export interface PackedRepository extends AsyncDisposable {
  readonly bytes: number;
  open(): AsyncIterable<Uint8Array>;
}

/** A repository in a temporary file, since the length of an upload has to be known before it begins. */
export async function packed(repository: RepositorySource, signal: AbortSignal): Promise<PackedRepository> {
  const folder = await mkdtemp(join(tmpdir(), "serac-upload-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, "repo.tar.gz");
    await pipeline(limited(await packRepository(repository)), createWriteStream(file, { mode: 0o600 }), { signal });
    const { size } = await stat(file);
    return { bytes: size, open: () => createReadStream(file), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    signal.throwIfAborted();
    throw error;
  }
}

async function* limited(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ARCHIVE_BYTES) {
      throw new InputError("archive_too_large", `The repository takes more than ${MAX_ARCHIVE_BYTES / 1024 ** 3} GB, compressed.`, {
        hint: "Large files that are no code belong elsewhere: name a folder of the repository, or take them out of the commit.",
      });
    }
    yield chunk;
  }
}
