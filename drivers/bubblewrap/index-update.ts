import type { ListedEntry } from "./listing.ts";
import type { TrackedPaths } from "./tracked-paths.ts";

/** What has to be told to git's index so that it shows the work tree again. Removals come first. */
export interface IndexUpdate {
  /** Index entries to drop: something that git does not keep is in their place now. */
  readonly remove: readonly string[];
  /** Files and links to read again. */
  readonly refresh: readonly string[];
  /** Those of `refresh` that git may ignore. */
  readonly untracked: readonly string[];
}

/**
 * From the paths that a listing shows as touched since `before`. In an overlay, a folder that the agent deleted and made again is
 * `opaque`: what the base has in it is hidden without a word in the listing.
 */
export function planIndexUpdate(
  changed: readonly string[],
  before: ReadonlyMap<string, ListedEntry>,
  entries: ReadonlyMap<string, ListedEntry>,
  tracked: TrackedPaths,
  isOpaque: (path: string) => boolean,
): IndexUpdate {
  const remove = new Set<string>();
  const refresh = new Set<string>();
  const untracked: string[] = [];
  for (const path of changed) {
    const type = entries.get(path)?.type;
    if (isKept(type)) {
      refresh.add(path);
      if (!tracked.has(path)) untracked.push(path);
    } else if (type === "d") {
      if (tracked.has(path) || isKept(before.get(path)?.type)) remove.add(path);
      if (isOpaque(path)) addAll(remove, tracked.below(path));
    } else {
      addAll(remove, [path, ...tracked.below(path)]);
    }
  }
  // What was removed with its folder, and is there again.
  for (const path of remove) {
    if (isKept(entries.get(path)?.type)) refresh.add(path);
  }
  return { remove: [...remove], refresh: [...refresh], untracked };
}

/** Folders of the base that the agent may have deleted and made again. */
export function suspectFolders(changed: readonly string[], entries: ReadonlyMap<string, ListedEntry>, tracked: TrackedPaths): string[] {
  return changed.filter((path) => entries.get(path)?.type === "d" && tracked.below(path).length > 0);
}

const isKept = (type: string | undefined): boolean => type === "f" || type === "l";

function addAll(set: Set<string>, paths: readonly string[]): void {
  for (const path of paths) set.add(path);
}
