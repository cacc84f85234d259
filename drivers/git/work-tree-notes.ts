import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import { gitCommand, type GitResult } from "./git-command.ts";
import type { GitLocation } from "./locate.ts";

const PATIENCE_MS = 5000;
const MAX_LISTING_BYTES = 1 << 20;

export interface WorkTreeRequest {
  readonly location: GitLocation;
  readonly commit: string;
  readonly shadowPath: string;
  readonly shadowVariables: Readonly<Record<string, string>>;
  readonly searchPath: string | undefined;
}

/**
 * What the user changed since the commit, as notes, because none of it is used. Works on a copy of the index, under the
 * shadow directory's config: a `git status` in the repository itself would run its filters and its submodules' config.
 */
export async function workTreeNotes(request: WorkTreeRequest): Promise<readonly string[]> {
  const { location, commit, shadowPath } = request;
  if (location.workTree === null) return [];
  const index = join(shadowPath, "index");
  try {
    await copyFile(location.indexFile, index);
  } catch {
    return [];
  }
  const git = gitCommand(location.workTree, request.searchPath, {
    ...request.shadowVariables,
    GIT_INDEX_FILE: index,
    GIT_WORK_TREE: location.workTree,
  });
  const limits = { timeoutMs: PATIENCE_MS, maxBytes: MAX_LISTING_BYTES };
  const scope = ["--", location.prefix === "" ? "." : location.prefix];
  // Only the times of a file that was merely touched differ; this looks at its content.
  await git.run(["update-index", "-q", "--ignore-submodules", "--refresh"], limits);
  const quietDiff = ["--name-only", "-z", "--ignore-submodules", "--no-ext-diff", "--no-renames"];
  const [staged, changed, untracked] = await Promise.all([
    git.run(["diff-index", "--cached", ...quietDiff, commit, ...scope], limits),
    git.run(["diff-files", ...quietDiff, ...scope], limits),
    git.run(
      ["ls-files", "--others", "--directory", "--no-empty-directory", "--exclude-standard", "--exclude=.serac", "-z", ...scope],
      limits,
    ),
  ]);
  const differing = new Set([...names(staged), ...names(changed)]);
  const what = [
    ...(differing.size > 0 ? [`${differing.size} changed`] : []),
    ...(names(untracked).length > 0 ? [`${names(untracked).length} untracked`] : []),
  ];
  if (what.length === 0) return [];
  return [`Uncommitted work is left out: ${what.join(" and ")} path(s) differ from commit ${commit.slice(0, 12)}.`];
}

const names = (result: GitResult): string[] => (result.exitCode === 0 ? result.stdout.toString("latin1").split("\0").filter(Boolean) : []);
