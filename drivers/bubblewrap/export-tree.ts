import { constants } from "node:fs";
import { mkdir, open, symlink } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../core/errors/index.ts";
import type { RepositoryFile, RepositorySource } from "../../core/survey/repository.ts";

const AT_ONCE = 16;

/**
 * Writes files, executable bits and links of a repository into an empty folder; submodules and unreadable entries are
 * left out. Every path is checked before it is used: nothing is written outside of the folder or through a link.
 * Returns the bytes written.
 */
export async function exportTree(source: RepositorySource, folder: string, signal?: AbortSignal): Promise<number> {
  const folders = new Set<string>([""]);
  let bytes = 0;
  const underWay = new Set<Promise<void>>();
  for await (const file of source.files()) {
    signal?.throwIfAborted();
    if (file.kind !== "file" && file.kind !== "symlink") continue;
    const parts = checkPath(file.path, source.origin);
    if (parts.includes(".git")) continue;
    await makeParents(folder, parts, folders, source.origin);
    const write = writeEntry(file, path.join(folder, file.path)).then((size) => {
      bytes += size;
      underWay.delete(write);
    });
    underWay.add(write);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return bytes;
}

function checkPath(text: string, origin: string): string[] {
  const parts = text.split("/");
  if (text.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new InputError("repository_unreadable", `${origin}: the path ${JSON.stringify(text)} leads out of the repository.`, {
      hint: "Paths in a repository are relative and have no empty, `.` or `..` parts.",
    });
  }
  return parts;
}

/** mkdir without `recursive` fails on a link or file in the way, which is what keeps a hostile tree inside. */
async function makeParents(folder: string, parts: readonly string[], made: Set<string>, origin: string): Promise<void> {
  for (let depth = 1; depth < parts.length; depth++) {
    const parent = parts.slice(0, depth).join("/");
    if (made.has(parent)) continue;
    try {
      await mkdir(path.join(folder, parent));
    } catch (error) {
      throw new InputError("repository_unreadable", `${origin}: ${JSON.stringify(parent)} is a folder and something else at once.`, {
        cause: error,
      });
    }
    made.add(parent);
  }
}

async function writeEntry(file: RepositoryFile, target: string): Promise<number> {
  const content = await file.read();
  if (file.kind === "symlink") {
    await symlink(Buffer.from(content), target);
    return content.length;
  }
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(target, flags, file.executable ? 0o755 : 0o644);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
  return content.length;
}
