import { lstat, opendir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryFile, RepositorySource } from "../../../core/survey/repository.ts";

/** A folder as it lies on disk, `.git` left out: the least that the survey needs of a repository. */
export function folderSource(root: string): RepositorySource {
  return { origin: root, commit: null, notes: [], files: () => walk(root, ""), changeTexts: async () => [], close: async () => {} };
}

async function* walk(root: string, folder: string): AsyncGenerator<RepositoryFile> {
  const names: string[] = [];
  for await (const entry of await opendir(join(root, folder))) names.push(entry.isDirectory() ? `${entry.name}/` : entry.name);
  for (const name of names.toSorted()) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (path === ".git/") continue;
    if (name.endsWith("/")) yield* walk(root, path.slice(0, -1));
    else yield await file(root, path);
  }
}

async function file(root: string, path: string): Promise<RepositoryFile> {
  const at = join(root, path);
  const stat = await lstat(at);
  if (stat.isSymbolicLink())
    return { path, kind: "symlink", executable: false, size: 0, read: async () => Buffer.from(await readlink(at)) };
  return { path, kind: "file", executable: (stat.mode & 0o111) !== 0, size: stat.size, read: () => readFile(at) };
}
