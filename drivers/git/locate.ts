import { lstat } from "node:fs/promises";
import { join, resolve } from "node:path";

import { InputError } from "../../core/errors/index.ts";
import type { GitCommand } from "./git-command.ts";

/** Where git keeps what belongs to a folder. Paths are absolute. */
export interface GitLocation {
  readonly gitDirectory: string;
  readonly objectsDirectory: string;
  readonly shallowFile: string;
  readonly indexFile: string;
  /** Null for a bare repository and for a git directory given directly. */
  readonly workTree: string | null;
  /** From the work tree to the folder, with a trailing `/`; empty for the work tree itself. */
  readonly prefix: string;
  readonly isShallow: boolean;
  /** `sha1` or `sha256`. */
  readonly objectFormat: string;
}

/** Null when the folder belongs to no git repository. InputError when there is a `.git` that git cannot read. */
export async function locateRepository(git: GitCommand, folder: string): Promise<GitLocation | null> {
  const kind = await git.run(["rev-parse", "--is-inside-work-tree", "--is-shallow-repository", "--show-object-format"]);
  if (kind.exitCode !== 0) {
    if (!(await hasDotGit(folder))) return null;
    throw new InputError("repository_unreadable", `${folder} has a .git that git cannot read: ${lastLine(kind.stderr)}`, {
      hint: "Repair the repository (git fsck says what is wrong), or copy the files without .git and give the copy.",
    });
  }
  const [insideWorkTree, shallow, objectFormat] = kind.stdout.toString("utf8").trim().split("\n");
  const path = (...args: string[]): Promise<string> => onePath(git, folder, args);
  const isWorkTree = insideWorkTree === "true";
  const [gitDirectory, objectsDirectory, shallowFile, indexFile, workTree, prefix] = await Promise.all([
    path("--git-dir"),
    path("--git-path", "objects"),
    path("--git-path", "shallow"),
    path("--git-path", "index"),
    isWorkTree ? path("--show-toplevel") : null,
    isWorkTree ? oneLine(git, folder, ["--show-prefix"]) : "",
  ]);
  return {
    gitDirectory,
    objectsDirectory,
    shallowFile,
    indexFile,
    workTree,
    prefix,
    isShallow: shallow === "true",
    objectFormat: objectFormat === "sha256" ? "sha256" : "sha1",
  };
}

export async function hasDotGit(folder: string): Promise<boolean> {
  return lstat(join(folder, ".git")).then(
    () => true,
    () => false,
  );
}

/** git answers relative to the folder; `--path-format` would do this for us, but only from git 2.31 on. */
const onePath = async (git: GitCommand, folder: string, args: readonly string[]): Promise<string> =>
  resolve(folder, await oneLine(git, folder, args));

/** One question a call: a path may itself hold a line feed, so several answers could not be told apart. */
async function oneLine(git: GitCommand, folder: string, args: readonly string[]): Promise<string> {
  const result = await git.run(["rev-parse", ...args]);
  if (result.exitCode !== 0) throw new InputError("repository_unreadable", `git cannot read ${folder}: ${lastLine(result.stderr)}`);
  return result.stdout.toString("utf8").replace(/\n$/, "");
}

export const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";
