import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The interpreter of the tests' Python environment; made on first use. */
export function venvPython(): string {
  return run(`${root}scripts/python-venv.sh`, []).trim();
}

/** Runs a script of test/python with the environment's interpreter. */
export function runPython(python: string, script: string, args: readonly string[] = [], input = ""): string {
  return run(python, [`${root}test/python/${script}`, ...args], input);
}

function run(command: string, args: readonly string[], input = ""): string {
  const env = { ...process.env, HF_HUB_OFFLINE: "1", HF_DATASETS_OFFLINE: "1", PYTHONIOENCODING: "utf-8" };
  const result = spawnSync(command, args, { input, encoding: "utf8", maxBuffer: 1 << 30, env });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${result.stderr}`, { cause: result.error });
  return result.stdout;
}
