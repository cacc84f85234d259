import type { RepositoryFile, RepositorySource } from "../../../core/survey/repository.ts";

type Entry = string | Uint8Array | { readonly link: string } | { readonly run: string } | { readonly submodule: true };

/** A repository source made of a literal: text, bytes, a link, an executable script or a submodule by path. */
export function memorySource(entries: Readonly<Record<string, Entry>>): RepositorySource {
  const files = Object.entries(entries).map(([path, entry]): RepositoryFile => {
    const isPlain = typeof entry === "string" || entry instanceof Uint8Array;
    const raw = isPlain ? entry : "link" in entry ? entry.link : "run" in entry ? entry.run : "";
    const content = typeof raw === "string" ? Buffer.from(raw) : raw;
    const kind = isPlain || "run" in entry ? "file" : "link" in entry ? "symlink" : "submodule";
    return { path, kind, executable: !isPlain && "run" in entry, size: kind === "file" ? content.length : 0, read: async () => content };
  });
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return {
    origin: "memory",
    commit: null,
    notes: [],
    async *files() {
      yield* sorted;
    },
    changeTexts: async () => [],
    close: async () => {},
  };
}
