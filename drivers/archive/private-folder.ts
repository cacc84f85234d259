import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** For a program that ends before it comes to close what it opened. */
const open = new Set<string>();
const removeAll = (): void => {
  for (const path of open) rmSync(path, { recursive: true, force: true });
};

/** A folder below `parent` for one user alone, until it is removed or the process ends. */
export async function privateFolder(parent: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, "archive-"));
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
