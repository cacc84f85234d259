import { noteOnCase, noteOnFiles, parentsOf } from "../../core/survey/commit-tree.ts";
import { byPath } from "../../core/survey/tree-path.ts";
import { entryPath, leadsOut, type EntryPath } from "./entry-path.ts";
import { emptyRepository, printable, unsafe } from "./refusal.ts";

/** A file whose content stands in the content file, or a link. */
export interface Leaf {
  readonly kind: "file" | "symlink" | "unreadable";
  readonly executable: boolean;
  readonly offset: number;
  readonly size: number;
  /** Of a link. */
  readonly target: Uint8Array;
}

export interface UnpackedTree {
  /** Sorted by path. */
  readonly leaves: readonly (Leaf & { readonly path: string })[];
  readonly notes: readonly string[];
}

/** The tree that an archive's entries make, one after the other. Every call throws InputError("archive_unsafe") for what does not fit. */
export interface TreeBuilder {
  folder(name: Uint8Array): void;
  leaf(name: Uint8Array, leaf: Leaf): void;
  /** An earlier file once more, under another name. */
  hardLink(name: Uint8Array, target: Uint8Array): void;
  /** A device, pipe or socket. */
  special(name: Uint8Array): void;
  build(): UnpackedTree;
}

export interface TreeRules {
  /** In a tar a later entry of the same name replaces the earlier; in a zip, which of them counts depends on who reads it. */
  readonly mayRepeat: boolean;
}

/** What the Finder adds to an archive beside the files. */
const FINDER_FOLDER = "__MACOSX";

export function treeBuilder(archive: string, rules: TreeRules): TreeBuilder {
  const leaves = new Map<string, Leaf>();
  const folders = new Set<string>();
  const oddNames: string[] = [];
  const specials: string[] = [];
  let gitEntries = 0;
  let isRooted = false;

  /** Null for what is left out. */
  function place(name: Uint8Array): EntryPath | null {
    const found = entryPath(archive, name);
    if (found.isRooted) isRooted = true;
    if (found.isGitState) {
      gitEntries += 1;
      if (!found.path.includes("/") || /^\.git\//i.test(found.path)) isRooted = true;
      return null;
    }
    if (found.path === FINDER_FOLDER || found.path.startsWith(`${FINDER_FOLDER}/`)) return null;
    if (found.isOddlyEncoded) oddNames.push(found.path);
    return found;
  }

  function enter(path: string): void {
    if (folders.has(path)) return;
    const inTheWay = leaves.get(path);
    if (inTheWay?.kind === "symlink") throw unsafe(archive, `an entry leads through the link ${printable(path)}.`);
    if (inTheWay !== undefined) throw unsafe(archive, `${printable(path)} is a file and a folder at once.`);
    folders.add(path);
  }

  /** The deepest first: once one is known, so are those above it. */
  function enterParents(path: string): void {
    const parents = parentsOf(path);
    const known = parents.findLastIndex((parent) => folders.has(parent));
    parents.slice(known + 1).forEach(enter);
  }

  function put({ path, isOddlyEncoded }: EntryPath, leaf: Leaf): void {
    if (path === "") throw unsafe(archive, "a file is in the place of its root.");
    if (folders.has(path)) throw unsafe(archive, `${printable(path)} is a file and a folder at once.`);
    if (leaves.has(path) && !rules.mayRepeat) throw unsafe(archive, `${printable(path)} is in it twice.`);
    enterParents(path);
    leaves.set(path, isOddlyEncoded ? { ...NOTHING, kind: "unreadable" } : leaf);
  }

  return {
    folder(name) {
      const found = place(name);
      if (found === null || found.path === "") return;
      enterParents(found.path);
      enter(found.path);
    },
    leaf(name, leaf) {
      const found = place(name);
      if (found !== null) put(found, leaf);
    },
    hardLink(name, target) {
      const source = entryPath(archive, target);
      const found = place(name);
      if (found === null || source.isGitState) return;
      const linked = leaves.get(source.path);
      if (linked === undefined)
        throw unsafe(archive, `the entry ${printable(name)} is a hard link to ${printable(target)}, which is no file before it.`);
      if (source.path !== found.path) put(found, linked);
    },
    special(name) {
      const found = place(name);
      if (found === null) return;
      put(found, NOTHING);
      leaves.delete(found.path);
      specials.push(found.path);
    },
    build() {
      const top = isRooted ? null : onlyTopFolder(leaves, folders);
      const start = top === null ? 0 : top.length + 1;
      const found = Array.from(leaves, ([path, leaf]) => Object.assign({ path: path.slice(start) }, leaf)).toSorted(byPath);
      if (found.length === 0) throw emptyRepository(archive);
      const outside = found.filter(
        ({ path, kind, target }) => kind === "symlink" && leadsOut(path, Buffer.from(target).toString("latin1")),
      );
      return {
        leaves: found,
        notes: [
          ...(top === null ? [] : [`Everything is in the folder ${printable(top)} of the archive; paths start there.`]),
          ...(gitEntries === 0 ? [] : [noteOnGitState(gitEntries)]),
          ...noteOnFiles(oddNames, "with a name that is not UTF-8", "cannot be used"),
          ...noteOnFiles(specials, "that is a device, a pipe or a socket", "left out"),
          ...noteOnLinksOut(outside.map(({ path }) => path)),
          ...noteOnCase(found),
        ],
      };
    },
  };
}

const NOTHING: Leaf = { kind: "unreadable", executable: false, offset: 0, size: 0, target: new Uint8Array() };

/** As the archives of forges have it. Null when files stand beside it, or another folder. */
function onlyTopFolder(leaves: ReadonlyMap<string, Leaf>, folders: ReadonlySet<string>): string | null {
  const tops = new Set<string>();
  for (const path of [...leaves.keys(), ...folders]) {
    const slash = path.indexOf("/");
    if (slash < 0 && leaves.has(path)) return null;
    tops.add(slash < 0 ? path : path.slice(0, slash));
    if (tops.size > 1) return null;
  }
  return [...tops][0] ?? null;
}

const noteOnGitState = (entries: number): string =>
  `${entries} entries of a .git are left out: the files count as they are in the archive, changed and ignored ones too. A git bundle brings a commit and its history.`;

/** Links are never followed by anyone here; a sandbox shows its own files at such a place, or nothing. */
export const noteOnLinksOut = (paths: readonly string[]): string[] =>
  noteOnFiles(paths, "that links to a place outside of the repository", "kept as a link that leads nowhere, and never followed");
