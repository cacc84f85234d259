import { spawn, type ChildProcess } from "node:child_process";
import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { removeFolder, temporaryFolder } from "../folder.ts";

const BIN = resolve(import.meta.dirname, "../../bin/serac.ts");
const EXAMPLE = resolve(import.meta.dirname, "../examples");

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves with the first stdout line that `matches`; rejects when the process ends without one. */
  line(matches: (line: string) => boolean): Promise<string>;
}

export interface SeracOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What standard input holds; nothing by default. */
  readonly input?: string;
}

/** The real command line in a process of its own, as `npm run -s serac -- …` starts it. */
export function startSerac(args: readonly string[], { cwd, env = {}, input = "" }: SeracOptions): Running {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const watcher of watchers) watcher();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<Finished>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr }));
  });
  const line = (matches: (line: string) => boolean): Promise<string> =>
    new Promise((found, missing) => {
      const look = (): void => {
        const hit = stdout.split("\n").slice(0, -1).find(matches);
        if (hit === undefined) return;
        watchers.delete(look);
        found(hit);
      };
      watchers.add(look);
      look();
      finished.then(({ code }) => missing(new Error(`serac ended (${code}) without the line.\n${stderr}`)), missing);
    });
  return { child, finished, line };
}

export function serac(args: readonly string[], options: SeracOptions): Promise<Finished> {
  return startSerac(args, options).finished;
}

/** A fresh folder that is removed when the test's scope ends (`await using`). */
export async function scratch(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = temporaryFolder();
  return { path, [Symbol.asyncDispose]: () => removeFolder(path) };
}

/** A copy of the bundled example repository. */
export async function exampleRepository(folder: string): Promise<string> {
  const path = join(folder, "parcels");
  await cp(join(EXAMPLE, "parcels"), path, { recursive: true });
  return path;
}

export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
