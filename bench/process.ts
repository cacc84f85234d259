import { spawn } from "node:child_process";

export interface Finished {
  readonly stdout: string;
  readonly seconds: number;
}

/** Runs a program to its end. Rejects with its stderr when it fails. `env` is added to ours. */
export function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Finished> {
  const start = performance.now();
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", failed);
    child.once("close", (code) => {
      if (code === 0) done({ stdout, seconds: (performance.now() - start) / 1000 });
      else failed(new Error(`${command} ${args.join(" ")} ended with ${code}\n${stderr.slice(-4000)}`));
    });
  });
}

/** The last line of a program's output, which the benchmark scripts print as JSON. */
export async function runJson<T>(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<T> {
  const { stdout } = await run(command, args, options);
  const result: T = JSON.parse(stdout.trim().split("\n").at(-1)!);
  return result;
}
