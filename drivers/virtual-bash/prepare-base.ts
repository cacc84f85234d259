import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError, SandboxError } from "../../core/errors/index.ts";
import type { BaseSnapshot, PrepareRequest } from "../../core/agent/sandbox.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import { INDEX_FILE, INDEX_VERSION, PACK_FILE } from "./tree/base-tree.ts";
import type { BaseEntry, TreeIndex } from "./tree/base-tree.ts";

/** The index is written last and renamed into place: where it is, the base is whole. */
export async function prepareBase(request: PrepareRequest): Promise<BaseSnapshot> {
  if (request.install.length > 0) {
    throw new InputError(
      "sandbox_unavailable",
      "environment.install: virtual-bash has no real programs, so it cannot run install commands.",
      {
        hint: "Remove environment.install, or use the bubblewrap sandbox (Linux, rollout.sandbox: bubblewrap).",
      },
    );
  }
  const { directory, source, signal } = request;
  const snapshot: BaseSnapshot = { provider: "virtual-bash", directory, baseCommit: "" };
  if (await isFinished(directory)) return snapshot;
  try {
    await mkdir(directory, { recursive: true });
    const index = await writePack(source, join(directory, PACK_FILE), signal);
    const temporary = join(directory, `${INDEX_FILE}.${process.pid}.tmp`);
    await writeFile(temporary, JSON.stringify(index), { flush: true });
    await rename(temporary, join(directory, INDEX_FILE));
    return snapshot;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
      throw new InputError("disk_full", `no space left for the base snapshot in ${directory}`, { cause: error });
    }
    if (error instanceof Error && "code" in error) {
      throw new SandboxError("sandbox_failed", `cannot write the base snapshot in ${directory}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

async function isFinished(directory: string): Promise<boolean> {
  try {
    const index: Partial<TreeIndex> = JSON.parse(await readFile(join(directory, INDEX_FILE), "utf8"));
    return index.version === INDEX_VERSION;
  } catch {
    return false;
  }
}

async function writePack(source: RepositorySource, path: string, signal: AbortSignal | undefined): Promise<TreeIndex> {
  const temporary = `${path}.${process.pid}.tmp`;
  const entries: [string, BaseEntry][] = [];
  const pack = await open(temporary, "w");
  let offset = 0;
  try {
    for await (const file of source.files()) {
      signal?.throwIfAborted();
      if (file.kind === "unreadable") continue;
      if (file.kind === "submodule") {
        entries.push([file.path, { kind: "directory" }]);
        continue;
      }
      const content = await file.read();
      if (file.kind === "symlink") {
        entries.push([file.path, { kind: "symlink", target: Buffer.from(content).toString() }]);
        continue;
      }
      if (content.length > 0) await pack.writev([content]);
      entries.push([file.path, { kind: "file", executable: file.executable, offset, size: content.length }]);
      offset += content.length;
    }
    await pack.datasync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await pack.close();
  }
  await rename(temporary, path);
  return { version: INDEX_VERSION, entries };
}
