import { InputError } from "../../core/errors/index.ts";
import type { RepositoryFile, RepositorySource } from "../../core/survey/repository.ts";
import { packRecord, readRecords } from "./pack-records.ts";

/** Larger trees fit into no machine's disk beside what is installed. */
const MAX_TREE_BYTES = 4_000_000_000;

/** A repository's files and links as one stream of bytes, ended so that a cut is noticed. Memory: one file at a time. */
export async function* packRepository(source: RepositorySource, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let files = 0;
  for await (const file of source.files()) {
    signal?.throwIfAborted();
    if (file.kind !== "file" && file.kind !== "symlink") continue;
    const content = await file.read();
    bytes += content.length;
    if (bytes > MAX_TREE_BYTES) throw tooLarge(source.origin);
    files++;
    yield* packRecord({ path: file.path, kind: file.kind, executable: file.executable }, content);
  }
  yield* packRecord({ files, origin: source.origin }, new Uint8Array());
}

function tooLarge(origin: string): InputError {
  return new InputError("archive_too_large", `${origin} holds more than ${MAX_TREE_BYTES / 1_000_000_000} GB of files.`, {
    hint: "A sandbox in the cloud holds the whole work tree; leave large data out of the repository.",
  });
}

/**
 * The repository that was packed. Each file's content is read on the way and let go with the file.
 * Throws SyntaxError for bytes that no pack of ours has, a cut one among them.
 */
export function unpackRepository(bytes: () => AsyncIterable<Uint8Array>): RepositorySource {
  return {
    origin: "the repository",
    commit: null,
    notes: [],
    files: () => filesOf(bytes()),
    changeTexts: async () => [],
    close: async () => undefined,
  };
}

async function* filesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<RepositoryFile> {
  let files = 0;
  let isWhole = false;
  for await (const { head, content } of readRecords(bytes)) {
    if (isWhole) throw new SyntaxError("The packed repository goes on after its end.");
    if ("files" in head) {
      isWhole = head.files === files;
      continue;
    }
    files++;
    const { path, kind, executable } = head;
    yield { path, kind, executable, size: kind === "file" ? content.length : 0, read: async () => content };
  }
  if (!isWhole) throw new SyntaxError("The packed repository is cut off.");
}
