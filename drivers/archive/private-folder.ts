import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** A folder below `parent` for one user alone, until it is removed or the process ends. */
export async function privateFolder(parent: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, "archive-"));
  // For a program that ends before it comes to close what it opened.
  const removeAtExit = (): void => rmSync(path, { recursive: true, force: true });
  process.once("exit", removeAtExit);
  return {
    path,
    async remove() {
      process.off("exit", removeAtExit);
      await rm(path, { recursive: true, force: true });
    },
  };
}
