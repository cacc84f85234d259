import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { acquireRunLock, type RunLock } from "../../drivers/run-lock/index.ts";
import { removeFolder } from "../folder.ts";

const exec = promisify(execFile);
const CACHE = resolve(import.meta.dirname, "../../.cache/claude-code");

/** One of each generation: a native program, and two that Node runs. */
export const CLIENT_VERSIONS = ["2.1.329", "2.0.77", "1.0.128"] as const;
export type ClientVersion = (typeof CLIENT_VERSIONS)[number];

const installed = new Map<ClientVersion, Promise<string[]>>();

/**
 * What to put in front of the client's arguments. Installs it from npm when it is not in the cache yet, which takes minutes at most; any
 * number of processes may ask at once.
 */
export function installClient(version: ClientVersion): Promise<string[]> {
  const known = installed.get(version);
  if (known !== undefined) return known;
  const installing = install(version);
  installed.set(version, installing);
  installing.catch(() => installed.delete(version));
  return installing;
}

async function install(version: ClientVersion): Promise<string[]> {
  const folder = join(CACHE, version);
  if (existsSync(folder)) return commandIn(folder);
  const lock = await acquired(join(CACHE, `${version}.lock`));
  try {
    if (!existsSync(folder)) await fill(folder, version);
  } finally {
    lock.release();
  }
  return commandIn(folder);
}

/** The folder gets its name last, so that one that is there is complete and was seen to run. */
async function fill(folder: string, version: ClientVersion): Promise<void> {
  const making = await mkdtemp(join(CACHE, "making-"));
  try {
    // Install scripts only put a copy of the native program somewhere else.
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    await exec("npm", [...args, "--prefix", making, `@anthropic-ai/claude-code@${version}`], { maxBuffer: 16 * 1024 * 1024 });
    const [program, ...rest] = commandIn(making);
    const { stdout } = await exec(program!, [...rest, "--version"], { env: { PATH: process.env["PATH"], HOME: making } });
    if (!stdout.startsWith(version)) throw new Error(`Claude Code ${version} was installed, and calls itself ${stdout.trim()}.`);
    await rename(making, folder);
  } finally {
    await removeFolder(making);
  }
}

function commandIn(folder: string): string[] {
  const packages = join(folder, "node_modules/@anthropic-ai");
  const script = join(packages, "claude-code/cli.js");
  if (existsSync(script)) return [process.execPath, script];
  const names = ["claude", "claude.exe"];
  const platforms = ["", "-musl"].map((libc) => `claude-code-${process.platform}-${process.arch}${libc}`);
  const native = platforms.flatMap((platform) => names.map((name) => join(packages, platform, name))).find(existsSync);
  if (native === undefined) throw new Error(`There is no Claude Code for ${process.platform}-${process.arch} in ${folder}.`);
  return [native];
}

async function acquired(file: string): Promise<RunLock> {
  for (;;) {
    const lock = acquireRunLock(file);
    if (lock !== null) return lock;
    await wait(250);
  }
}
