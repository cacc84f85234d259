import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";

import ignore, { type Ignore } from "ignore";

/** Never part of a snapshot, whatever .gitignore says: other tools' state, and our own. */
const NEVER = new Set([".git", ".hg", ".svn", ".serac", "node_modules"]);

/** Which paths of a plain folder belong to its snapshot: .gitignore files count as they would in a work tree. */
export interface FolderRules {
  readonly isLeftOut: (path: string, isFolder: boolean) => boolean;
  /** Reads the folder's own .gitignore, if there is one, for everything below it. Paths are relative to the root; the root is "". */
  enter(folder: string): Promise<void>;
}

const MAX_GITIGNORE_BYTES = 1 << 20;
/** Matching becomes a regular expression, and many wildcards in one make that slow without end. */
const MAX_WILDCARDS = 8;

/** A link counts for nothing, as in git since 2.32; neither does a pipe, which would never end. */
async function patternsOf(file: string): Promise<string[]> {
  const found = await lstat(file).catch(() => null);
  if (!found?.isFile() || found.size > MAX_GITIGNORE_BYTES) return [];
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split(/\r?\n/).filter((line) => line.split("*").length <= MAX_WILDCARDS + 1);
}

export function folderRules(root: string): FolderRules {
  const rules = new Map<string, Ignore>();
  return {
    async enter(folder) {
      const patterns = await patternsOf(join(root, folder, ".gitignore"));
      if (patterns.length > 0) rules.set(folder, ignore({ allowRelativePaths: true }).add(patterns));
    },
    isLeftOut(path, isFolder) {
      if (NEVER.has(path.slice(path.lastIndexOf("/") + 1))) return true;
      return rules.size > 0 && isIgnored(rules, isFolder ? `${path}/` : path);
    },
  };
}

/** The deepest .gitignore with an opinion wins. A folder that is ignored is never entered, so parents need no look. */
function isIgnored(rules: ReadonlyMap<string, Ignore>, path: string): boolean {
  const end = path.endsWith("/") ? path.length - 1 : path.length;
  for (let slash = path.lastIndexOf("/", end - 1); ; slash = path.lastIndexOf("/", slash - 1)) {
    const folder = slash < 0 ? "" : path.slice(0, slash);
    const verdict = rules.get(folder)?.test(path.slice(slash + 1));
    if (verdict?.ignored) return true;
    if (verdict?.unignored) return false;
    if (slash <= 0) return false;
  }
}
