import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

/**
 * The base of every workspace as two files: an index, and the contents end to end. One pack instead of one file each keeps the
 * tree exact on every system: links, letter case, executable bits and names that Windows forbids.
 */
export const INDEX_FILE = "tree.json";
export const PACK_FILE = "tree.pack";
export const INDEX_VERSION = 1;

export type BaseEntry =
  | { readonly kind: "file"; readonly executable: boolean; readonly offset: number; readonly size: number }
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "directory" };

export interface TreeIndex {
  readonly version: typeof INDEX_VERSION;
  /** By path relative to the tree. */
  readonly entries: readonly (readonly [path: string, entry: BaseEntry])[];
}

/** Read-only, and shared by all workspaces of a thread. Paths are absolute; `root` is where the tree is mounted. */
export interface BaseTree {
  readonly root: string;
  get(path: string): BaseEntry | undefined;
  /** Names in a directory of the base; empty for anything else. */
  children(path: string): ReadonlySet<string>;
  read(entry: BaseEntry & { kind: "file" }): Uint8Array;
  /** Paths of all files and links. */
  paths(): Iterable<string>;
  close(): void;
}

export function openBaseTree(directory: string, root: string): BaseTree {
  const index: TreeIndex = JSON.parse(readFileSync(join(directory, INDEX_FILE), "utf8"));
  const pack = openSync(join(directory, PACK_FILE), "r");
  const tree = indexTree(index, root);
  return {
    root,
    get: (path) => tree.entries.get(path),
    children: (path) => tree.children.get(path) ?? NO_NAMES,
    read: (entry) => readPack(pack, entry.offset, entry.size),
    *paths() {
      for (const [path, entry] of tree.entries) if (entry.kind !== "directory") yield path;
    },
    close: () => closeSync(pack),
  };
}

const NO_NAMES: ReadonlySet<string> = new Set();
const DIRECTORY: BaseEntry = { kind: "directory" };

function indexTree(index: TreeIndex, root: string) {
  const entries = new Map<string, BaseEntry>([[root, DIRECTORY]]);
  const children = new Map<string, Set<string>>([[root, new Set()]]);
  const link = (path: string, entry: BaseEntry): void => {
    const slash = path.lastIndexOf("/");
    const parent = path.slice(0, slash);
    if (!entries.has(parent)) link(parent, DIRECTORY);
    entries.set(path, entry);
    if (entry.kind === "directory") children.set(path, children.get(path) ?? new Set());
    children.get(parent)?.add(path.slice(slash + 1));
  };
  for (const [path, entry] of index.entries) link(`${root}/${path}`, entry);
  return { entries, children };
}

function readPack(pack: number, offset: number, size: number): Uint8Array {
  const content = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const count = readSync(pack, content, done, size - done, offset + done);
    if (count === 0) throw new Error("the base snapshot is shorter than its index says");
    done += count;
  }
  return content;
}
