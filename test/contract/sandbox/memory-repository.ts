import type { RepositoryFile, RepositorySource } from "../../../core/survey/repository.ts";

export interface MemoryEntry {
  readonly content: string | Uint8Array;
  readonly kind?: RepositoryFile["kind"];
  readonly executable?: boolean;
}

/** A repository that exists only in the test. */
export function memoryRepository(entries: Readonly<Record<string, string | Uint8Array | MemoryEntry>>): RepositorySource {
  const files = Object.keys(entries)
    .toSorted()
    .map((path): RepositoryFile => {
      const given = entries[path]!;
      const entry: MemoryEntry = typeof given === "string" || given instanceof Uint8Array ? { content: given } : given;
      const content = Buffer.from(entry.content);
      const kind = entry.kind ?? "file";
      return {
        path,
        kind,
        executable: entry.executable ?? false,
        size: kind === "file" ? content.length : 0,
        read: () => Promise.resolve(content),
      };
    });
  return {
    origin: "memory",
    commit: null,
    notes: [],
    // oxlint-disable-next-line typescript/require-await
    async *files() {
      yield* files;
    },
    changeTexts: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}
