import type { ControlOptions, ControlResult } from "./run-on-control.ts";
import { suspectFolders } from "./index-update.ts";
import { changedPaths, type ListedEntry } from "./listing.ts";
import { feedOf, piped, rawQuote } from "./path-lists.ts";
import type { TrackedPaths } from "./tracked-paths.ts";

export type Listing = ReadonlyMap<string, ListedEntry>;

/** What the direct way and the way over the index both ask of the workspace. */
export interface TreeQuestions {
  readonly must: (script: string, options?: ControlOptions) => Promise<ControlResult>;
  readonly tracked: () => Promise<TrackedPaths>;
  readonly opaqueFolders: (changed: readonly string[], entries: Listing, tracked: TrackedPaths) => Promise<ReadonlySet<string>>;
  readonly ignored: (paths: readonly string[]) => Promise<ReadonlySet<string>>;
}

export interface DirectPatch {
  /** Null where the direct way does not lead, or leads through ground that it should not tread. */
  take(initial: Listing, entries: Listing, diffCommand: string, maxBytes: number): Promise<ControlResult | null>;
}

const MAX_PATHS = 200;
const MAX_PATH_CHARACTERS = 16_000;
const INDEX = "/g/direct-index";

/**
 * The common case in one git process: a few edited, new or deleted files. Git compares just these paths of the work tree with the
 * commit, and no index is written but for the names of new files. Whatever is more than that (a folder in a file's place, pipes,
 * very much) is left to the way over the index.
 */
export function createDirectPatch({ must, tracked: readTracked, opaqueFolders, ignored }: TreeQuestions): DirectPatch {
  /** New files whose names the index has. */
  const added = new Set<string>();
  const isIgnored = new Map<string, boolean>();
  let rules = "";
  let hasIndex = false;

  async function sortPaths(initial: Listing, entries: Listing): Promise<{ touched: string[]; fresh: string[] } | null> {
    const tracked = await readTracked();
    const changed = changedPaths(initial, entries);
    const suspects = suspectFolders(changed, entries, tracked);
    const opaque = suspects.length > 0 ? await opaqueFolders(changed, entries, tracked) : new Set<string>();
    const touched = new Set<string>();
    const fresh: string[] = [];
    for (const path of changed) {
      const type = entries.get(path)?.type;
      if (type === "d") {
        if (tracked.has(path)) return null;
        if (opaque.has(path)) addAll(touched, tracked.below(path));
      } else if (type === undefined || type === "c") {
        if (tracked.has(path)) touched.add(path);
        addAll(touched, tracked.below(path));
      } else if (type !== "f" && type !== "l") {
        return null;
      } else if (tracked.has(path)) {
        touched.add(path);
      } else {
        if (tracked.below(path).length > 0 || foldersOf(path).some((folder) => tracked.has(folder))) return null;
        fresh.push(path);
      }
      if (touched.size + fresh.length > MAX_PATHS) return null;
    }
    return { touched: [...touched], fresh };
  }

  async function namesOf(fresh: readonly string[], entries: Listing): Promise<string[]> {
    const now = [...entries.values()].filter(({ path }) => path === ".gitignore" || path.endsWith("/.gitignore"));
    const nowRules = now.map(({ path, stamp }) => `${path} ${stamp}`).join("\n");
    if (nowRules !== rules) {
      isIgnored.clear();
      rules = nowRules;
    }
    const unknown = fresh.filter((path) => !isIgnored.has(path));
    const found = await ignored(unknown);
    for (const path of unknown) isIgnored.set(path, found.has(path));
    return fresh.filter((path) => !isIgnored.get(path));
  }

  function forget(): void {
    added.clear();
    hasIndex = false;
  }

  return {
    async take(initial, entries, diffCommand, maxBytes) {
      const paths = await sortPaths(initial, entries);
      if (!paths) return null;
      const names = await namesOf(paths.fresh, entries);
      const all = [...paths.touched, ...names];
      if (all.length === 0) return { status: 0, output: Buffer.alloc(0), omittedBytes: 0 };
      const words = all.map(rawQuote).join(" ");
      if (words.length > MAX_PATH_CHARACTERS) return null;
      if (names.some((path) => !added.has(path) && isInTheWay(path, added))) forget();
      const missing = names.filter((path) => !added.has(path));
      const steps = [`export GIT_INDEX_FILE=${INDEX}`];
      if (!hasIndex) steps.push(`cp /base/index ${INDEX}`);
      if (missing.length > 0) steps.push(`${piped(missing)} | (cd /testbed && exec git update-index --add -z --stdin)`);
      steps.push(`cd /testbed && exec ${diffCommand} -- ${words}`);
      const known = [...added, ...missing];
      forget();
      const result = await must(`( ${steps.join(" && ")} )`, { maxBytes, feed: Buffer.concat(feedOf(missing)) });
      hasIndex = true;
      addAll(added, known);
      return HEADER_ALONE.test(result.output.toString("latin1")) ? null : result;
    },
  };
}

/** Plumbing prints a header for a file that was touched but is the same. */
const HEADER_ALONE = /^diff --git [^\n]*\n(?:diff --git |(?![^]))/m;

/** A file in the place of a folder of `names`, or in a folder in the place of a file of theirs. */
function isInTheWay(path: string, names: ReadonlySet<string>): boolean {
  if (foldersOf(path).some((folder) => names.has(folder))) return true;
  for (const name of names) if (name.startsWith(`${path}/`)) return true;
  return false;
}

function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}

function addAll(set: Set<string>, paths: readonly string[]): void {
  for (const path of paths) set.add(path);
}
