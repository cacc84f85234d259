import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isCard } from "../../core/dataset/index.ts";
import type { DatasetFile, DatasetSink } from "../../core/dataset/index.ts";
import { InputError, SeracError } from "../../core/errors/index.ts";

/** Files that an export consists of, relative to its folder. */
const OURS = /^(?:README\.md|dataset\.json|recipes(?:\/[a-z_-]+\.(?:yaml|json|jinja))?|t[12](?:\/train-\d{5}\.(?:jsonl|parquet))?)$/;

/**
 * An export in a folder. It is written beside `folder` and put there by a rename, so the folder holds the old export or the new one.
 * Throws InputError("output_exists") when the folder holds anything but an earlier export: nothing of others is ever replaced.
 */
export async function openDatasetFolder(folder: string): Promise<DatasetSink> {
  const target = resolve(folder);
  await refuseForeign(target);
  const beside = (word: string): string => join(dirname(target), `.${basename(target)}.${word}-${process.pid}`);
  const [temporary, replaced] = [beside("new"), beside("old")];
  await removeAbandoned(target);
  await mkdir(temporary, { recursive: true });
  const opened = new Set<FileHandle>();
  return {
    async create(path) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      return createFile(join(temporary, path), opened);
    },
    async commit() {
      // Somebody may have put something there meanwhile.
      await refuseForeign(target);
      const hadOne = await rename(target, replaced).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return false;
          throw error;
        },
      );
      await rename(temporary, target);
      if (hadOne) await rm(replaced, { recursive: true, force: true });
      return target;
    },
    async abort() {
      for (const handle of opened) await handle.close();
      opened.clear();
      await rm(temporary, { recursive: true, force: true });
    },
  };
}

async function createFile(path: string, all: Set<FileHandle>): Promise<DatasetFile> {
  const handle = await open(path, "wx");
  all.add(handle);
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.byteLength;) at += (await handle.write(chunk, at).catch(explainFullDisk)).bytesWritten;
    },
    async close() {
      await handle.sync().catch(explainFullDisk);
      all.delete(handle);
      await handle.close();
    },
  };
}

function explainFullDisk(error: NodeJS.ErrnoException): never {
  if (error.code !== "ENOSPC" && error.code !== "EDQUOT") throw error;
  throw new SeracError("disk_full", "The disk is full; nothing was exported.", {
    hint: "Free some space or name a folder on another disk.",
    cause: error,
  });
}

/** What exports into the same folder left when their process was killed. */
async function removeAbandoned(target: string): Promise<void> {
  const prefix = `.${basename(target)}.`;
  for (const entry of await readdir(dirname(target)).catch(() => [])) {
    const pid = entry.startsWith(prefix) ? /^(?:new|old)-(\d+)$/.exec(entry.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(target), entry), { recursive: true, force: true });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

async function refuseForeign(folder: string): Promise<void> {
  const entries = await listFolder(folder);
  if (entries.length === 0) return;
  const foreign = entries.find((entry) => !OURS.test(entry));
  const isOurs = foreign === undefined && isCard(await readFile(join(folder, "README.md"), "utf8").catch(() => ""));
  if (isOurs) return;
  const what = foreign === undefined ? "no dataset card of serac" : foreign;
  throw new InputError("output_exists", `${folder} holds something else than an export of serac: ${what}.`, {
    hint: "Name a folder that does not exist, an empty one, or an earlier export.",
  });
}

/** Entries at every depth, with `/`; empty when there is no such folder. */
async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive: true })).map((entry) => entry.replaceAll("\\", "/"));
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") throw new InputError("output_exists", `${folder} is a file; a folder is written.`, { cause: error });
    throw error;
  }
}
