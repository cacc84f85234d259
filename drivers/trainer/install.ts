import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../../core/errors/index.ts";
import { readLines } from "./lines.ts";

export interface Installation {
  /** Locked with hashes, for one version of Python on one kind of machine. */
  readonly requirements: string;
  /** Environments are made below it, one a lock. */
  readonly folder: string;
}

const exec = promisify(execFile);
const COMPLETE = ".complete";

/** The interpreter of the environment that `installTrainer` made; null when it made none of this lock. */
export async function installedPython({ requirements, folder }: Installation): Promise<string | null> {
  const home = join(folder, await nameOf(requirements));
  return existsSync(join(home, COMPLETE)) ? interpreterIn(home) : null;
}

export interface Installing extends Installation {
  /** The Python to make it with. */
  readonly python: string;
  /** Major and minor version that the lock is for. */
  readonly pythonVersion: string;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Makes the environment, or finds it made; returns its interpreter. InputError("trainer_unavailable") when it cannot be made. */
export async function installTrainer(options: Installing): Promise<string> {
  const { requirements, folder, python, onLine, signal } = options;
  const made = await installedPython(options);
  if (made !== null) return made;
  await refuseOther(options);
  const home = join(folder, await nameOf(requirements));
  // What an installation that was broken off has left.
  await rm(home, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const run = async (command: string, args: readonly string[]): Promise<void> => {
    const last: string[] = [];
    const keep = (line: string): void => {
      last.push(line);
      if (last.length > 6) last.shift();
      onLine(line);
    };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal });
    const reading = Promise.all([readLines(child.stdout, keep), readLines(child.stderr, keep)]);
    const [code]: unknown[] = await once(child, "close");
    await reading;
    if (code !== 0) throw refused(`${command} ${args.join(" ")} failed.\n${last.map((line) => `  ${line}`).join("\n")}`);
  };
  try {
    await run(python, ["-m", "venv", home]);
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"];
    await run(interpreterIn(home), [...pip, "--require-hashes", "-r", requirements]);
    await writeFile(join(home, COMPLETE), "");
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  return interpreterIn(home);
}

async function refuseOther({ python, pythonVersion }: Installing): Promise<void> {
  const asked = ["-c", "import sys, platform; print('%d.%d %s %s' % (*sys.version_info[:2], sys.platform, platform.machine()))"];
  const { stdout } = await exec(python, asked).catch((cause: unknown) => {
    throw refused(`${python} does not start.`, cause);
  });
  const wanted = `${pythonVersion} linux x86_64`;
  if (stdout.trim() === wanted) return;
  throw refused(`The packages are locked for Python ${wanted}; ${python} is ${stdout.trim()}.`);
}

const refused = (why: string, cause?: unknown): InputError =>
  new InputError("trainer_unavailable", `The trainer cannot be installed: ${why}`, {
    hint: "Name a Python 3.11 on Linux x86_64 with --python, or make an environment of your own with the packages of requirements.in and name its Python.",
    cause,
  });

const nameOf = async (requirements: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 12);

const interpreterIn = (home: string): string => join(home, "bin", "python");
