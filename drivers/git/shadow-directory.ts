import { rmSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A git directory of our own. `openFor` points it at the objects of the user's repository, so that everything after the
 * commit was found runs without ever reading the repository's config, hooks, replace refs or alternates commands.
 */
export interface ShadowDirectory {
  readonly path: string;
  /** Variables for finding the user's repository with its own git directory. */
  readonly discoveryVariables: Readonly<Record<string, string>>;
  /** Variables for reading its objects through this directory. */
  openFor(repository: { objectsDirectory: string; shallowFile: string; objectFormat: string }): Promise<Readonly<Record<string, string>>>;
  remove(): Promise<void>;
}

export async function createShadowDirectory(): Promise<ShadowDirectory> {
  const path = await mkdtemp(join(tmpdir(), "serac-git-"));
  // Ownership is no danger to us: nothing of the repository is run, and it may well belong to a build user.
  // git only believes this setting from a file (git 2.35 to 2.37 ignore it in -c).
  const globalConfig = join(path, "global.gitconfig");
  await writeFile(globalConfig, "[safe]\n\tdirectory = *\n");
  const discoveryVariables = { GIT_CONFIG_GLOBAL: globalConfig };
  // For a program that ends before it comes to close what it opened.
  const removeAtExit = (): void => rmSync(path, { recursive: true, force: true });
  process.once("exit", removeAtExit);
  return {
    path,
    discoveryVariables,
    async openFor({ objectsDirectory, shallowFile, objectFormat }) {
      const gitDirectory = join(path, "git");
      await mkdir(join(gitDirectory, "refs"), { recursive: true });
      await writeFile(join(gitDirectory, "HEAD"), "ref: refs/heads/none\n");
      await writeFile(join(gitDirectory, "config"), configFor(objectFormat));
      await copyFile(shallowFile, join(gitDirectory, "shallow")).catch(ignoreMissing);
      return { ...discoveryVariables, GIT_DIR: gitDirectory, GIT_OBJECT_DIRECTORY: objectsDirectory };
    },
    async remove() {
      process.off("exit", removeAtExit);
      await rm(path, { recursive: true, force: true });
    },
  };
}

const configFor = (objectFormat: string): string =>
  objectFormat === "sha1"
    ? "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
    : `[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = ${objectFormat}\n`;

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
