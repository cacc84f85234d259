import { access, constants, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";

import { InputError } from "../../core/errors/index.ts";
import { noteOnSubmodules } from "../../core/survey/commit-tree.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import { commitSource } from "./commit-source.ts";
import { listCommitTree } from "./commit-tree.ts";
import { folderSource } from "./folder-source.ts";
import { gitCommand, GitMissingError } from "./git-command.ts";
import { hasDotGit, locateRepository, type GitLocation } from "./locate.ts";
import { resolveCommit } from "./resolve-commit.ts";
import { createShadowDirectory, type ShadowDirectory } from "./shadow-directory.ts";
import { workTreeNotes } from "./work-tree-notes.ts";

export interface OpenRepositoryOptions {
  /** Where git is looked for; the PATH of this process when absent. */
  readonly searchPath?: string;
}

/**
 * The files of `commit` in a git repository (work tree, linked work tree, bare, or a folder inside one), or a snapshot
 * of a plain folder. Nothing is ever written to the source, and nothing of it is run. The caller closes what it gets.
 *
 * InputError: repository_missing, repository_empty, repository_commit_unknown, repository_unreadable.
 */
export async function openRepository(source: string, commit = "HEAD", options: OpenRepositoryOptions = {}): Promise<RepositorySource> {
  const searchPath = options.searchPath ?? process.env["PATH"];
  const folder = await existingFolder(source);
  const shadow = await createShadowDirectory();
  try {
    return await openFolder(source, folder, commit, searchPath, shadow);
  } catch (error) {
    await shadow.remove();
    throw error;
  }
}

async function openFolder(
  origin: string,
  folder: string,
  revision: string,
  searchPath: string | undefined,
  shadow: ShadowDirectory,
): Promise<RepositorySource> {
  const discovery = gitCommand(folder, searchPath, shadow.discoveryVariables);
  const located = await locateRepository(discovery, folder).catch(async (error: unknown) => {
    if (error instanceof GitMissingError && !(await hasDotGit(folder))) return "no git" as const;
    throw error;
  });
  if (located === null) return plainFolder(origin, folder, revision, shadow, []);
  if (located === "no git") return plainFolder(origin, folder, revision, shadow, ["git was not found on PATH: read as a plain folder."]);

  const commit = await resolveCommit(discovery, origin, revision, located);
  const shadowVariables = await shadow.openFor(located);
  const git = gitCommand(shadow.path, searchPath, shadowVariables);
  const tree = await listCommitTree(git, origin, commit, located.prefix);
  if (tree === null) {
    if (revision !== "HEAD") throw folderNotInCommit(origin, revision);
    return plainFolder(origin, folder, revision, shadow, [
      `No file of this folder is in the commit of ${located.workTree}: read as a plain folder.`,
    ]);
  }
  const isHead = revision === "HEAD" || (await resolveCommit(discovery, origin, "HEAD", located).catch(() => null)) === commit;
  const workTree = isHead ? await workTreeNotes({ location: located, commit, shadowPath: shadow.path, shadowVariables, searchPath }) : [];
  return commitSource({
    origin,
    commit,
    entries: tree.entries,
    notes: [...notesOn(located), ...noteOnSubmodules(tree.entries), ...workTree, ...tree.notes],
    git,
    onClose: () => shadow.remove(),
  });
}

async function plainFolder(
  origin: string,
  folder: string,
  revision: string,
  shadow: ShadowDirectory,
  notes: readonly string[],
): Promise<RepositorySource> {
  await shadow.remove();
  if (revision !== "HEAD") {
    throw new InputError("repository_commit_unknown", `${origin} is a plain folder, so there is no commit ${JSON.stringify(revision)}.`, {
      hint: "Leave repo.commit (--commit) out to use the folder as it is, or give a git repository.",
    });
  }
  return folderSource(origin, folder, notes);
}

async function existingFolder(source: string): Promise<string> {
  if (/^([a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:)/i.test(source)) {
    throw new InputError("repository_missing", `${source} is an address; a folder on this machine is needed.`, {
      hint: "Clone it yourself (git clone …) and give the folder: serac fetches nothing.",
    });
  }
  const path = resolve(source);
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw missing(source, cause);
  });
  if (!found.isDirectory()) {
    throw new InputError("repository_missing", `${source} is not a folder.`, {
      hint: "Give the folder of a git repository, a bare repository, or a plain folder with source code. Unpack an archive first.",
    });
  }
  await access(path, constants.R_OK | constants.X_OK).catch((cause: unknown) => {
    throw new InputError("repository_unreadable", `${source} cannot be read: permission denied.`, {
      hint: "Give yourself read access to the folder and what is in it.",
      cause,
    });
  });
  return realpath(path);
}

function missing(source: string, cause: NodeJS.ErrnoException): InputError {
  if (cause.code === "EACCES" || cause.code === "ELOOP" || cause.code === "ENAMETOOLONG") {
    return new InputError("repository_unreadable", `${source} cannot be read: ${cause.code}.`, {
      hint: "Look at the path's permissions and links.",
      cause,
    });
  }
  return new InputError("repository_missing", `There is nothing at ${source}.`, {
    hint: "Give the path of a git repository or of a plain folder with source code.",
    cause,
  });
}

function folderNotInCommit(origin: string, revision: string): InputError {
  return new InputError("repository_commit_unknown", `${origin} is not part of commit ${JSON.stringify(revision)}.`, {
    hint: "Give a commit that holds this folder, or the folder of the whole repository.",
  });
}

function notesOn(location: GitLocation): string[] {
  return [
    ...(location.prefix === "" ? [] : [`Only ${location.prefix} of the repository ${location.workTree} is used; paths start there.`]),
    ...(location.isShallow ? ["The clone is shallow: its older history is not there to take demonstrations from."] : []),
  ];
}
