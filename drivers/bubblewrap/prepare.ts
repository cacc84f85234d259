import { execFile } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { BaseSnapshot, PrepareRequest } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { baseFolder, MANIFEST, partialFolder, readManifest, type BaseManifest } from "./base-folder.ts";
import { writeBaseRepository, commitTree, finishRepository } from "./base-repository.ts";
import { exportTree } from "./export-tree.ts";
import { runInstall } from "./install.ts";
import { prepareMachine } from "./prepare-machine.ts";
import { makeSystemFolders } from "./system-folders.ts";
import type { WorkspaceDeps } from "./workspace.ts";

/**
 * Everything happens in `partial` beside the final folder, which gets its name in one step at the end. What a killed
 * process left there is removed by the next call.
 */
export async function prepareBase(request: PrepareRequest, deps: WorkspaceDeps): Promise<BaseSnapshot> {
  const existing = await readManifest(request.directory);
  if (existing) return snapshot(request.directory, existing);
  const partial = partialFolder(request.directory);
  await mkdir(request.directory, { recursive: true });
  await removeTree(partial);
  await mkdir(path.join(partial, "tree"), { recursive: true });
  try {
    const treeBytes = await exportTree(request.source, path.join(partial, "tree"), request.signal);
    await makeSystemFolders(partial, deps.system.mounts, request.install.length > 0);
    await writeBaseRepository(partial);
    const manifest = await build(request, deps, partial, treeBytes);
    await writeFile(path.join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(partial, baseFolder(request.directory));
    return snapshot(request.directory, manifest);
  } catch (error) {
    await removeTree(partial);
    throw error;
  }
}

async function build(request: PrepareRequest, deps: WorkspaceDeps, partial: string, treeBytes: number): Promise<BaseManifest> {
  const offline = await prepareMachine(request, deps, partial, false);
  let baseCommit: string;
  try {
    baseCommit = await commitTree(offline.machine.run);
    if (request.install.length === 0) {
      await finishRepository(offline, baseCommit, false);
      return { version: 1, baseCommit, layers: [], hasHome: false, treeBytes };
    }
    await finishRepository(offline, baseCommit, false);
  } finally {
    await offline.close();
  }
  const online = await prepareMachine(request, deps, partial, true);
  let installed: { layers: BaseManifest["layers"]; hasHome: boolean; treeBytes: number };
  try {
    installed = await runInstall(online, request);
  } finally {
    await online.close();
  }
  const after = await prepareMachine(request, deps, partial, false);
  try {
    baseCommit = await finishRepository(after, baseCommit, true);
  } finally {
    await after.close();
  }
  return { version: 1, baseCommit, ...installed };
}

function snapshot(directory: string, manifest: BaseManifest): BaseSnapshot {
  return { provider: "bubblewrap", directory, baseCommit: manifest.baseCommit };
}

/** Folders that an install made unwritable must not stay. Neither command follows links. */
async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    const run = promisify(execFile);
    await run("chmod", ["-R", "u+rwX", "--", folder]).catch(() => {});
    await run("rm", ["-rf", "--", folder]).catch((error: unknown) => {
      throw new SandboxError("sandbox_failed", `The unfinished base snapshot ${folder} cannot be removed.`, { cause: error });
    });
  }
}
