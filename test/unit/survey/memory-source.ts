import type { RepositoryFile, RepositorySource } from "../../../core/survey/repository.ts";

type Content = string | Uint8Array | Partial<RepositoryFile>;

/** A repository of a few named files; a partial file stands for itself. */
export function memorySource(files: Readonly<Record<string, Content>>): RepositorySource {
  return { origin: "memory", commit: null, notes: [], files: () => list(files), changeTexts: async () => [], close: async () => {} };
}

async function* list(files: Readonly<Record<string, Content>>): AsyncGenerator<RepositoryFile> {
  for (const path of Object.keys(files).toSorted()) {
    const content = files[path]!;
    const isContent = typeof content === "string" || content instanceof Uint8Array;
    const bytes = typeof content === "string" ? Buffer.from(content) : content instanceof Uint8Array ? content : new Uint8Array();
    yield { path, kind: "file", executable: false, size: bytes.length, read: async () => bytes, ...(isContent ? {} : content) };
  }
}
