import { InputError } from "../../core/errors/index.ts";
import type { GitCommand } from "./git-command.ts";
import { lastLine, type GitLocation } from "./locate.ts";

/** The full id of the commit that `revision` names. InputError: repository_empty, repository_commit_unknown, repository_unreadable. */
export async function resolveCommit(git: GitCommand, origin: string, revision: string, location: GitLocation): Promise<string> {
  const found = await git.run(["rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`]);
  if (found.exitCode === 0) return found.stdout.toString("utf8").trim();
  const refs = await git.run(["for-each-ref", "--count=8", "--sort=-creatordate", "--format=%(refname:short)", "refs/heads", "refs/tags"]);
  const names = refs.stdout.toString("utf8").split("\n").filter(Boolean);
  if (names.length === 0 && revision === "HEAD") throw await withoutHead(git, origin);
  throw new InputError(
    "repository_commit_unknown",
    `${origin} has no commit that is called ${JSON.stringify(revision)} (${lastLine(found.stderr) || "git rev-parse found nothing"}).`,
    { hint: hintFor(names, location) },
  );
}

/** No branch and no tag: a new repository, or one whose refs are gone while its objects are not. */
async function withoutHead(git: GitCommand, origin: string): Promise<InputError> {
  const head = await git.run(["rev-parse", "--verify", "-q", "HEAD"]);
  if (head.exitCode === 0) {
    return new InputError("repository_unreadable", `${origin}: HEAD names an object that is missing or is no commit.`, {
      hint: "git fsck says what is wrong with the repository.",
    });
  }
  return new InputError("repository_empty", `${origin} is a git repository without a commit.`, {
    hint: "Make a first commit (git add -A && git commit), then run this again.",
  });
}

function hintFor(names: readonly string[], location: GitLocation): string {
  const allowed = "A branch, a tag or a commit id is allowed";
  const examples = names.length > 0 ? `${allowed}; here are ${names.join(", ")}.` : `${allowed}.`;
  return location.isShallow ? `${examples} The clone is shallow: git fetch --unshallow brings the older commits.` : examples;
}
