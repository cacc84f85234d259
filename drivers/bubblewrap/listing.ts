/**
 * A listing of a tree as `find` prints it: the cheap way to see that nothing changed, and what did. Paths are raw bytes
 * in latin-1 characters, relative, without a leading slash.
 */
export interface ListedEntry {
  readonly path: string;
  /** As find's %y: f, d, l, p, s, b, c. In an overlay's upper folder, c is a whiteout: the path was deleted. */
  readonly type: string;
  readonly size: number;
  /** Mode, inode, size and both times, as one text: differs whenever the entry was touched. */
  readonly stamp: string;
}

/** Everything below `folder` but what git keeps for itself. Change times cannot be set by a program, so they tell the truth. */
export const listCommand = (folder: string): string =>
  String.raw`find ${folder} -mindepth 1 -iname .git -prune -o -mindepth 1 -printf '%y %s %m %i %C@ %T@ %P\0'`;

export function parseListing(bytes: Buffer): Map<string, ListedEntry> {
  const entries = new Map<string, ListedEntry>();
  const text = bytes.toString("latin1");
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\0", at);
    if (end === -1) break;
    const record = text.slice(at, end);
    at = end + 1;
    const fields = /^(\S) (\d+) \S+ \S+ \S+ \S+ /.exec(record);
    if (!fields) continue;
    const path = record.slice(fields[0].length);
    entries.set(path, { path, type: fields[1]!, size: Number(fields[2]), stamp: fields[0] });
  }
  return entries;
}

/** Paths whose entry is new, gone or touched. */
export function changedPaths(before: ReadonlyMap<string, ListedEntry>, after: ReadonlyMap<string, ListedEntry>): string[] {
  const changed: string[] = [];
  for (const [path, entry] of after) if (before.get(path)?.stamp !== entry.stamp) changed.push(path);
  for (const path of before.keys()) if (!after.has(path)) changed.push(path);
  return changed;
}
