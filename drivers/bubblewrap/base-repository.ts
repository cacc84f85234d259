import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { SandboxError, SeracError } from "../../core/errors/index.ts";
import type { ControlOptions } from "./run-on-control.ts";
import type { RunOnControl } from "./changes.ts";
import { ignorePatterns } from "./ignore-patterns.ts";
import type { PrepareMachine } from "./prepare-machine.ts";

/**
 * Our own repository beside the tree. Its attributes take precedence over the tree's (gitattributes(5)), so bytes are
 * compared as they lie there, and its settings name no program that could be run.
 */
const CONFIG = `[core]
	repositoryformatversion = 0
	bare = false
	filemode = true
	symlinks = true
	ignorecase = false
	autocrlf = false
	safecrlf = false
	protectHFS = false
	protectNTFS = false
	quotePath = false
	logAllRefUpdates = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	excludesFile = /dev/null
	fsmonitor = false
	fsync = none
[gc]
	auto = 0
[diff]
	indentHeuristic = true
	algorithm = myers
`;
const ATTRIBUTES = "* -text !eol -crlf -filter -ident -working-tree-encoding !diff !merge\n";

/** What the agent finds in `/testbed/.git/config`, so that its own \`git stash\` and \`git commit\` work. */
const AGENT_CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
[user]
	name = agent
	email = agent@localhost
[gc]
	auto = 0
[advice]
	detachedHead = false
`;

const IDENTITY =
  "GIT_AUTHOR_NAME=serac GIT_AUTHOR_EMAIL=serac@localhost GIT_COMMITTER_NAME=serac GIT_COMMITTER_EMAIL=serac@localhost " +
  "GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' GIT_COMMITTER_DATE='2000-01-01T00:00:00Z'";
const HEAD = "ref: refs/heads/main\n";
const GIT_TIMEOUT_MS = 3_600_000;

export async function writeBaseRepository(base: string): Promise<void> {
  const git = path.join(base, "git");
  for (const folder of ["objects/pack", "objects/info", "refs/heads", "info"]) await mkdir(path.join(git, folder), { recursive: true });
  await writeFile(path.join(git, "HEAD"), HEAD);
  await writeFile(path.join(git, "config"), CONFIG);
  await writeFile(path.join(git, "info/attributes"), ATTRIBUTES);
  await writeFile(path.join(git, "info/exclude"), "");
}

/** One commit of everything in the tree, ignored files of the repository's own included. Returns its id. */
export async function commitTree(run: RunOnControl): Promise<string> {
  await must(
    run,
    "cd /testbed && find . -mindepth 1 -iname .git -prune -o \\( -type f -o -type l \\) -printf '%P\\0' | git update-index --add -z --stdin",
  );
  return await commitIndex(run);
}

async function commitIndex(run: RunOnControl): Promise<string> {
  const script = [
    `commit=$(${IDENTITY} git commit-tree "$(git write-tree)" -m 'Base of the workspace')`,
    'git update-ref refs/heads/main "$commit"',
    "git repack -adq",
    "git prune",
    'echo "$commit"',
  ].join(" && ");
  const output = await must(run, script);
  const commit = output.trim().split("\n").at(-1) ?? "";
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new SandboxError("sandbox_failed", `The base commit could not be made: ${output.trim()}`);
  return commit;
}

/**
 * Gives the tree the agent's own `.git` with that one commit. After an install: what it changed in tracked files becomes
 * part of the commit, what it left beside them is ignored, so that the agent starts with a clean work tree.
 */
export async function finishRepository(
  at: Pick<PrepareMachine, "runInside"> & { readonly machine: { readonly run: RunOnControl } },
  commit: string,
  afterInstall: boolean,
): Promise<string> {
  const { run } = at.machine;
  let baseCommit = commit;
  if (afterInstall) {
    await must(run, "rm -rf /testbed/.git /base/etc/resolv.conf /base/etc/apt && : >/base/etc/resolv.conf");
    await must(run, "cd /testbed && git diff-files --name-only -z | git update-index --remove --replace -z --stdin");
    baseCommit = await commitIndex(run);
    const { output } = await run("cd /testbed && git ls-files -o -z --exclude-standard --directory --no-empty-directory", {
      maxBytes: 256_000_000,
    });
    const exclude = Buffer.from(ignorePatterns(output.toString("latin1").split("\0").filter(Boolean)), "latin1");
    await must(run, `head -c ${exclude.length} <&96 >/base/git/info/exclude`, { feed: exclude });
  }
  const config = Buffer.from(AGENT_CONFIG);
  // Through /base: a hard link cannot be made from one mount to another, not even of the same folder.
  const script = [
    "rm -rf /base/tree/.git && cd /base/tree && mkdir -p .git/objects .git/refs/heads .git/refs/tags .git/info .git/hooks",
    "cp -al /base/git/objects/. .git/objects/",
    "cp /base/git/HEAD .git/HEAD",
    "cp /base/git/info/exclude .git/info/exclude",
    `echo ${baseCommit} >.git/refs/heads/main`,
    `head -c ${config.length} <&96 >.git/config`,
    "{ git update-index -q --refresh || :; }",
    "cp /base/index .git/index",
  ].join(" && ");
  await must(run, script, { feed: config });
  // Git compares owners too, and the agent sees others than control does: let its index be refreshed with its eyes.
  await at.runInside(
    "git -c core.hooksPath=/dev/null -c core.fsmonitor=false update-index -q --refresh; git status --porcelain | head -n 5",
    "agent",
  );
  return baseCommit;
}

async function must(run: RunOnControl, script: string, options?: ControlOptions): Promise<string> {
  const { status, output } = await run(`( set -o pipefail; ${script}\n)`, { timeoutMs: GIT_TIMEOUT_MS, ...options });
  if (status === 0) return output.toString("utf8");
  const said = output.toString("utf8").slice(-500).trim();
  // A run pauses for that, and goes on when there is room.
  const cause = said.includes("No space left on device") ? new SeracError("disk_full", said) : undefined;
  throw new SandboxError("sandbox_failed", `The base snapshot could not be made: ${said}`, { cause });
}
