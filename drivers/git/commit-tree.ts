import { InputError } from "../../core/errors/index.ts";
import type { RepositoryFile } from "../../core/survey/repository.ts";
import type { GitCommand } from "./git-command.ts";
import { lastLine } from "./locate.ts";
import { byPath, treePath } from "./tree-path.ts";

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

const TAB = 9;
const MODE_SYMLINK = "120000";
const MODE_SUBMODULE = "160000";
const MODE_EXECUTABLE = "100755";

/** Every entry below `prefix` (empty, or ending in `/`) in the commit; null when the commit has no such folder. */
export async function listCommitTree(git: GitCommand, origin: string, commit: string, prefix: string): Promise<CommitTree | null> {
  const treeish = prefix === "" ? commit : `${commit}:${prefix}`;
  if (prefix !== "") {
    const exists = await git.run(["cat-file", "-t", treeish]);
    if (exists.stdout.toString("utf8").trim() !== "tree") return null;
  }
  const listed = await git.run(["ls-tree", "-r", "-z", "-l", "--full-tree", treeish]);
  if (listed.exitCode !== 0) {
    throw new InputError("repository_unreadable", `${origin}: git cannot list the files of ${commit}: ${lastLine(listed.stderr)}`, {
      hint: "The repository is damaged or incomplete; git fsck says more. A fresh clone is a way out.",
    });
  }
  return parseTree(listed.stdout);
}

/** Output of `git ls-tree -r -z -l`: `mode SP type SP object SP+ size TAB path NUL` (git-ls-tree(1)). */
export function parseTree(listing: Buffer): CommitTree {
  const entries: TreeEntry[] = [];
  const oddNames: string[] = [];
  const unsafe: string[] = [];
  const missing: string[] = [];
  for (let start = 0, end = listing.indexOf(0); end >= 0; start = end + 1, end = listing.indexOf(0, start)) {
    const tab = listing.indexOf(TAB, start);
    const [mode = "", , objectId = "", size = ""] = listing.toString("latin1", start, tab).split(/ +/);
    const { path, problem } = treePath(listing.subarray(tab + 1, end));
    if (problem === "unsafe") {
      unsafe.push(path);
      continue;
    }
    if (problem === "encoding") oddNames.push(path);
    if (size === "BAD") missing.push(path);
    const kind = problem === "encoding" || size === "BAD" ? "unreadable" : kindOf(mode);
    entries.push({ path, kind, executable: mode === MODE_EXECUTABLE, size: kind === "file" ? Number(size) : 0, objectId });
  }
  const { kept, clashing } = withoutClashes(entries.toSorted(byPath));
  return {
    entries: kept,
    notes: [
      ...noteOn(oddNames, "with a name that is not UTF-8", "cannot be used"),
      ...noteOn(unsafe, "with a name that no work tree can hold", "left out"),
      ...noteOn(clashing, "whose name another file takes", "left out"),
      ...noteOn(missing, "whose content is missing from the repository (a partial clone, or damage)", "cannot be read"),
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

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) parents.push(path.slice(0, slash));
  return parents;
}

function noteOn(paths: readonly string[], what: string, verdict: string): string[] {
  if (paths.length === 0) return [];
  const shown = JSON.stringify(paths[0]);
  return [
    `${paths.length === 1 ? "1 file" : `${paths.length} files`} ${what}: ${verdict} (${paths.length === 1 ? shown : `the first is ${shown}`}).`,
  ];
}

function noteOnCase(entries: readonly TreeEntry[]): string[] {
  const seen = new Map<string, string>();
  for (const { path } of entries) {
    const other = seen.get(path.toLowerCase());
    if (other !== undefined) return [`Some paths differ only in case, such as ${JSON.stringify(other)} and ${JSON.stringify(path)}.`];
    seen.set(path.toLowerCase(), path);
  }
  return [];
}
