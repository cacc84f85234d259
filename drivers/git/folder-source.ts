import { constants, type BigIntStats } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";

import { InputError } from "../../core/errors/index.ts";
import type { RepositoryFile, RepositorySource } from "../../core/survey/repository.ts";
import { folderRules, type FolderRules } from "./folder-rules.ts";
import { byPath, treePath } from "../../core/survey/tree-path.ts";

const MAX_ENTRIES = 1_000_000;

/**
 * A snapshot of a plain folder: listed once, and every file must still be what was listed when it is read. Links are
 * never followed.
 */
export async function folderSource(origin: string, root: string, notes: readonly string[]): Promise<RepositorySource> {
  const snapshot = await walk(origin, root);
  const files = snapshot.files.toSorted(byPath);
  return {
    origin,
    commit: null,
    notes: [...notes, ...snapshot.notes],
    async *files() {
      yield* files;
    },
    changeTexts: async () => [],
    close: async () => undefined,
  };
}

interface Snapshot {
  readonly files: RepositoryFile[];
  readonly notes: readonly string[];
}

async function walk(origin: string, root: string): Promise<Snapshot> {
  const files: RepositoryFile[] = [];
  const unreadable: string[] = [];
  const oddNames: string[] = [];
  const rules = folderRules(root);
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    await rules.enter(folder);
    const names = await namesIn(root, folder);
    if (names === null) {
      if (folder === "") throw unreadableRoot(origin);
      unreadable.push(folder);
      files.push(withoutContent(folder, "unreadable"));
      continue;
    }
    for (const name of names) {
      const { path: shown, problem } = treePath(name);
      const path = folder === "" ? shown : `${folder}/${shown}`;
      // `.git` is the one name that a folder can hold and a tree cannot; it is never part of a snapshot anyway.
      if (problem === "unsafe") continue;
      if (problem === "encoding") {
        oddNames.push(path);
        files.push(withoutContent(path, "unreadable"));
        continue;
      }
      const entry = await look(origin, root, path, rules);
      if (entry === "folder") folders.push(path);
      else if (entry !== null) files.push(entry);
      if (entry !== null && entry !== "folder" && entry.kind === "unreadable") unreadable.push(path);
    }
    if (files.length > MAX_ENTRIES) throw tooMany(origin);
  }
  return {
    files,
    notes: [...noteOn(unreadable, "cannot be read"), ...noteOn(oddNames, "cannot be used: the name is not UTF-8")],
  };
}

function namesIn(root: string, folder: string): Promise<Uint8Array[] | null> {
  return readdir(`${root}/${folder}`, { encoding: "buffer" }).catch(() => null);
}

/** Null for what does not belong to the snapshot. */
async function look(origin: string, root: string, path: string, rules: FolderRules): Promise<RepositoryFile | "folder" | null> {
  const full = `${root}/${path}`;
  const found = await lstat(full, { bigint: true }).catch(() => null);
  if (found === null) return null;
  if (rules.isLeftOut(path, found.isDirectory())) return null;
  if (found.isDirectory()) return "folder";
  if (found.isSymbolicLink()) {
    const target = await readlink(full, { encoding: "buffer" }).catch(() => null);
    return target === null ? null : { ...withoutContent(path, "symlink"), read: async () => target };
  }
  if (!found.isFile() || !(await isReadable(full))) return withoutContent(path, "unreadable");
  const executable = (found.mode & 0o111n) !== 0n;
  return { path, kind: "file", executable, size: Number(found.size), read: () => readUnchanged(origin, full, path, found) };
}

function withoutContent(path: string, kind: RepositoryFile["kind"]): RepositoryFile {
  return { path, kind, executable: false, size: 0, read: async () => new Uint8Array() };
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function isReadable(full: string): Promise<boolean> {
  const handle = await open(full, FLAGS).catch(() => null);
  await handle?.close();
  return handle !== null;
}

async function readUnchanged(origin: string, full: string, path: string, listed: BigIntStats): Promise<Uint8Array> {
  const handle = await open(full, FLAGS).catch((cause: unknown) => {
    throw changed(origin, path, cause);
  });
  try {
    const content = await handle.readFile();
    const now = await handle.stat({ bigint: true });
    const isSame = now.ino === listed.ino && now.size === listed.size && now.mtimeNs === listed.mtimeNs && now.dev === listed.dev;
    if (!isSame || BigInt(content.length) !== listed.size) throw changed(origin, path, undefined);
    return content;
  } finally {
    await handle.close();
  }
}

function changed(origin: string, path: string, cause: unknown): InputError {
  return new InputError("repository_unreadable", `${origin}: ${JSON.stringify(path)} changed while the folder was being read.`, {
    hint: "Let nothing write to the folder meanwhile, or commit it to git: a commit does not change.",
    cause,
  });
}

function unreadableRoot(origin: string): InputError {
  return new InputError("repository_unreadable", `${origin} cannot be read: permission denied.`, {
    hint: "Give yourself read access to the folder and what is in it.",
  });
}

function tooMany(origin: string): InputError {
  return new InputError("repository_unreadable", `${origin} holds more than ${MAX_ENTRIES.toLocaleString("en")} files.`, {
    hint: "Give the folder of one project, or leave what is not source out with a .gitignore.",
  });
}

function noteOn(paths: readonly string[], verdict: string): string[] {
  if (paths.length === 0) return [];
  return [`${paths.length} path(s) ${verdict}, such as ${JSON.stringify(paths[0])}.`];
}
