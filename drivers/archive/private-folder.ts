import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

/** For a program that ends before it comes to close what it opened. */
const open = new Set<string>();
const removeAll = (): void => {
  for (const path of open) rmSync(path, { recursive: true, force: true });
};

const sweeps = new Map<string, Promise<void>>();

/** A folder below `parent` for one user alone, until it is removed or the process ends. */
export async function privateFolder(parent: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  await mkdir(parent, { recursive: true });
  if (!sweeps.has(parent)) sweeps.set(parent, sweep(parent));
  await sweeps.get(parent);
  const path = await mkdtemp(join(parent, `archive-${process.pid}-${threadId}-`));
  if (open.size === 0) process.on("exit", removeAll);
  open.add(path);
  return {
    path,
    async remove() {
      open.delete(path);
      if (open.size === 0) process.off("exit", removeAll);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/**
 * Removes what processes have left that were killed: a function's disk outlives its process, and gigabytes would stay on it.
 * Goes before the first folder of this process, which may have the number of a dead one.
 */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid, thread] = /^archive-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined) continue;
    const isStale = Number(pid) === process.pid ? Number(thread) === threadId : !isAlive(Number(pid));
    if (isStale) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
