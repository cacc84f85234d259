import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError, SeracError } from "../../core/errors/index.ts";
import { assertKey, byCodePoint, WORK_FOLDER } from "../../core/svg/artifact-key.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { isStale, writeAtomically } from "./atomic-write.ts";

/**
 * Artefacts as files below a folder, which is made when it is missing. What writers that died have left behind is removed first.
 * Throws InputError("home_unusable") when the folder cannot be used.
 */
export async function openFileArtifacts(root: string): Promise<ArtifactStore> {
  try {
    await mkdir(root, { recursive: true });
    await removeStale(root);
  } catch (error) {
    throw translated(error, root);
  }

  const fileOf = (key: string): string => {
    assertKey(key);
    return join(root, ...key.split("/"));
  };

  return {
    put: async (key, content) => {
      const file = fileOf(key);
      await writeAtomically(file, content, join(root, WORK_FOLDER)).catch((error: unknown) => {
        throw translated(error, file);
      });
    },
    get: async (key) => {
      const file = fileOf(key);
      return new Uint8Array(await readFile(file).catch((error: unknown) => missing(key, error)));
    },
    async *stream(key) {
      const file = fileOf(key);
      try {
        for await (const chunk of createReadStream(file)) yield chunk;
      } catch (error) {
        missing(key, error);
      }
    },
    exists: async (key) => {
      const file = fileOf(key);
      const found = await stat(file).catch(() => null);
      return found?.isFile() === true;
    },
    list: (prefix) => list(root, prefix),
    remove: async (key) => rm(fileOf(key), { force: true }),
    locate: fileOf,
  };
}

/** Only the folders that can hold the prefix are read, one at a time, so that a million keys take little memory. */
async function* list(root: string, prefix: string): AsyncIterable<string> {
  const parents = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  if (parents !== "") assertKey(parents.slice(0, -1));
  for await (const key of below(root, parents)) if (key.startsWith(prefix)) yield key;
}

async function* below(root: string, parents: string): AsyncIterable<string> {
  const entries = await readdir(join(root, parents), { withFileTypes: true }).catch((error: unknown) => {
    if (isCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  });
  // A folder sorts as its name with the slash, which is how its keys sort among the files beside it.
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted(byCodePoint);
  for (const name of names) {
    if (parents + name === `${WORK_FOLDER}/`) continue;
    if (name.endsWith("/")) yield* below(root, parents + name);
    else yield parents + name;
  }
}

async function removeStale(root: string): Promise<void> {
  const folder = join(root, WORK_FOLDER);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  });
  for (const name of names.filter(isStale)) await rm(join(folder, name), { force: true });
}

function missing(key: string, error: unknown): never {
  if (!isCode(error, "ENOENT", "ENOTDIR", "EISDIR")) throw error;
  throw new SeracError("artifact_missing", `there is no artefact ${key}`, { cause: error });
}

function translated(error: unknown, path: string): unknown {
  if (isCode(error, "ENOSPC", "EDQUOT")) {
    return new InputError("disk_full", `no space left for ${path}`, { cause: error, hint: "Make room on the disk, then resume the run." });
  }
  if (error instanceof Error && "code" in error) {
    return new InputError("home_unusable", `cannot write ${path}: ${error.message}`, {
      cause: error,
      hint: "Choose a folder that may be written to with --home or SERAC_HOME.",
    });
  }
  return error;
}

const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code));
