import type { RepositoryFile } from "./repository.ts";
import { byPath, treePath } from "./tree-path.ts";

/** A file as git's tree objects tell it. */
export interface RawTreeEntry {
  /** Six octal digits. */
  readonly mode: string;
  /** From the root of the tree, with `/` between the parts. */
  readonly path: Uint8Array;
  readonly objectId: string;
  /** Bytes; null where the content is missing. */
  readonly size: number | null;
}

export interface TreeEntry {
  readonly path: string;
  readonly kind: RepositoryFile["kind"];
  readonly executable: boolean;
  readonly size: number;
  readonly objectId: string;
}

export interface CommitTree {
  /** Sorted by path, each path once, no file where another path needs a folder. */
  readonly entries: readonly TreeEntry[];
  readonly notes: readonly string[];
}

const MODE_SYMLINK = "120000";
const MODE_SUBMODULE = "160000";
const MODE_EXECUTABLE = "100755";

/** What of a commit's tree can be used, and notes on the rest. */
export function commitTree(raw: Iterable<RawTreeEntry>): CommitTree {
  const entries: TreeEntry[] = [];
  const oddNames: string[] = [];
  const unsafe: string[] = [];
  const missing: string[] = [];
  for (const { mode, path: bytes, objectId, size } of raw) {
    const { path, problem } = treePath(bytes);
    if (problem === "unsafe") {
      unsafe.push(path);
      continue;
    }
    if (problem === "encoding") oddNames.push(path);
    if (size === null) missing.push(path);
    const kind = problem === "encoding" || size === null ? "unreadable" : kindOf(mode);
    entries.push({ path, kind, executable: mode === MODE_EXECUTABLE, size: kind === "file" ? (size ?? 0) : 0, objectId });
  }
  const { kept, clashing } = withoutClashes(entries.toSorted(byPath));
  return {
    entries: kept,
    notes: [
      ...noteOnFiles(oddNames, "with a name that is not UTF-8", "cannot be used"),
      ...noteOnFiles(unsafe, "with a name that no work tree can hold", "left out"),
      ...noteOnFiles(clashing, "whose name another file takes", "left out"),
      ...noteOnFiles(missing, "whose content is missing from the repository (a partial clone, or damage)", "cannot be read"),
      ...noteOnCase(kept),
    ],
  };
}

function kindOf(mode: string): RepositoryFile["kind"] {
  if (mode === MODE_SYMLINK) return "symlink";
  return mode === MODE_SUBMODULE ? "submodule" : "file";
}

/**
 * A tree made by hand can hold a name twice, or a link `a` beside a folder `a/`: whoever writes such a tree out would
 * write through the link, out of the tree.
 */
function withoutClashes(sorted: readonly TreeEntry[]): { kept: TreeEntry[]; clashing: string[] } {
  const leaves = new Set(sorted.map((entry) => entry.path));
  const kept: TreeEntry[] = [];
  const clashing: string[] = [];
  for (const entry of sorted) {
    const isRepeated = kept.at(-1)?.path === entry.path;
    if (isRepeated || parentsOf(entry.path).some((parent) => leaves.has(parent))) clashing.push(entry.path);
    else kept.push(entry);
  }
  return { kept, clashing };
}

/** `a` and `a/b` for `a/b/c`. */
export function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) parents.push(path.slice(0, slash));
  return parents;
}

export function noteOnFiles(paths: readonly string[], what: string, verdict: string): string[] {
  if (paths.length === 0) return [];
  const shown = JSON.stringify(paths[0]);
  return [
    `${paths.length === 1 ? "1 file" : `${paths.length} files`} ${what}: ${verdict} (${paths.length === 1 ? shown : `the first is ${shown}`}).`,
  ];
}

export function noteOnCase(entries: readonly { readonly path: string }[]): string[] {
  const seen = new Map<string, string>();
  for (const { path } of entries) {
    const other = seen.get(path.toLowerCase());
    if (other !== undefined) return [`Some paths differ only in case, such as ${JSON.stringify(other)} and ${JSON.stringify(path)}.`];
    seen.set(path.toLowerCase(), path);
  }
  return [];
}

export function noteOnSubmodules(entries: readonly TreeEntry[]): string[] {
  const submodules = entries.filter((entry) => entry.kind === "submodule").length;
  if (submodules === 0) return [];
  const what = submodules === 1 ? "1 submodule is" : `${submodules} submodules are`;
  return [`${what} listed but not read: the files are not in this commit.`];
}
