import { InputError } from "../../core/errors/index.ts";
import { commitTree, type CommitTree, type RawTreeEntry } from "../../core/survey/commit-tree.ts";
import type { GitCommand } from "./git-command.ts";
import { lastLine } from "./locate.ts";

const TAB = 9;

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
  return commitTree(parseListing(listed.stdout));
}

/** Output of `git ls-tree -r -z -l`: `mode SP type SP object SP+ size TAB path NUL` (git-ls-tree(1)). */
function* parseListing(listing: Buffer): Generator<RawTreeEntry> {
  for (let start = 0, end = listing.indexOf(0); end >= 0; start = end + 1, end = listing.indexOf(0, start)) {
    const tab = listing.indexOf(TAB, start);
    const [mode = "", , objectId = "", size = ""] = listing.toString("latin1", start, tab).split(/ +/);
    yield { mode, path: listing.subarray(tab + 1, end), objectId, size: size === "BAD" ? null : size === "-" ? 0 : Number(size) };
  }
}
