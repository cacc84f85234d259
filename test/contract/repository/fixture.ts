import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterEach } from "vitest";

import { InputError } from "../../../core/errors/index.ts";
import type { RepositoryFile, RepositorySource } from "../../../core/survey/repository.ts";
import { openRepository, type OpenRepositoryOptions } from "../../../drivers/git/index.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

const folders: string[] = [];
const sources: RepositorySource[] = [];

afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
  for (const folder of folders.splice(0)) removeFolderSync(folder);
});

export function newFolder(): string {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
}

/** Git as a person would have it, but without this machine's settings. */
export function git(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env["PATH"],
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const settings = ["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"];
  return execFileSync("git", [...settings, ...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"], encoding: "utf8" }).trim();
}

export function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export function newRepository(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = newFolder();
  git(folder, "init", "-q");
  write(folder, files);
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "--allow-empty", "-m", "First");
  return folder;
}

export async function open(folder: string, commit = "HEAD", options: OpenRepositoryOptions = {}): Promise<RepositorySource> {
  const source = await openRepository(folder, commit, options);
  sources.push(source);
  return source;
}

export async function list(source: RepositorySource): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = [];
  for await (const file of source.files()) files.push(file);
  return files;
}

export async function contents(source: RepositorySource): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const file of source.files()) found[file.path] = Buffer.from(await file.read()).toString("latin1");
  return found;
}

export async function refusal(folder: string, commit = "HEAD", options: OpenRepositoryOptions = {}): Promise<InputError> {
  const error: unknown = await open(folder, commit, options).then(
    () => new Error("It was opened."),
    (reason: unknown) => reason,
  );
  if (error instanceof InputError) return error;
  throw error;
}
