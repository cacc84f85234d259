import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { InputError } from "../../core/errors/index.ts";
import type { Io } from "../io.ts";

const exec = promisify(execFile);

const NAMES = process.platform === "win32" ? ["claude.exe"] : ["claude"];
/** Where its own installers put it; shells find it there by an alias or by a PATH that not every process has. */
const USUAL = [".local/bin", ".claude/local"];

/** The path of Claude Code. InputError("client_missing") says how to install it. */
export async function findClient(given: string | undefined, io: Io): Promise<string> {
  if (given !== undefined) {
    const file = resolve(io.cwd, given);
    if (await isProgram(file)) return file;
    throw new InputError("client_missing", `--claude: ${file} is no program that can be run.`, {
      hint: "Give the path of the claude program itself, or leave it out to take the one on the PATH.",
    });
  }
  const home = io.env["HOME"];
  const folders = [
    ...(io.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
    ...(home === undefined ? [] : USUAL.map((folder) => join(home, folder))),
  ];
  for (const folder of folders) for (const name of NAMES) if (await isProgram(join(folder, name))) return join(folder, name);
  throw new InputError("client_missing", "Claude Code is not installed: there is no claude on the PATH.", {
    hint: "Install it with `npm install -g @anthropic-ai/claude-code`, or give its path with --claude.",
  });
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

const VERSION_MS = 20_000;

/** Major and minor of its version; null when it does not say. */
export async function versionOf(client: string, env: NodeJS.ProcessEnv): Promise<readonly [number, number] | null> {
  const answer = await exec(client, ["--version"], { env, timeout: VERSION_MS }).catch(() => null);
  const found = /^(\d+)\.(\d+)\./.exec(answer?.stdout ?? "");
  return found === null ? null : [Number(found[1]), Number(found[2])];
}
