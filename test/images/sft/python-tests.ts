import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { trainerPython } from "../python.ts";
import { tinyBase } from "../tiny-base.ts";

const here = fileURLToPath(new URL("./", import.meta.url));

interface Result {
  readonly file: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly text: string;
}

/**
 * Python tests beside this file as tests of vitest, one for each file, which shows every failure. All of them run in one pytest, because
 * the interpreter takes seconds to load torch.
 */
export function pythonTests(files: readonly string[]): void {
  let results: readonly Result[] = [];
  let output = "";

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "serac-pytest-"));
    const report = join(folder, "report.jsonl");
    const environment = { ...process.env, SERAC_PYTEST_REPORT: report, SERAC_TINY_BASE: await tinyBase(), PYTHONDONTWRITEBYTECODE: "1" };
    const options = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", join(folder, "tmp")];
    output = await outputOf(await trainerPython(), [...options, ...files], environment);
    const lines = await readFile(report, "utf8").catch(() => "");
    results = lines
      .split("\n")
      .filter((line) => line !== "")
      .map((line): Result => JSON.parse(line));
    await rm(folder, { recursive: true });
  }, 600_000);

  test.each(files)("%s", (file) => {
    const own = results.filter((result) => result.file === file);
    const failures = own.filter((result) => result.outcome === "failed").map(({ name, text }) => `${name}\n${text}`);
    expect(failures.join("\n\n")).toBe("");
    expect(own.filter((result) => result.outcome === "passed").length, `nothing of ${file} ran:\n${output.slice(-4000)}`).toBeGreaterThan(
      0,
    );
  });
}

function outputOf(python: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { cwd: here, env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", () => resolve(Buffer.concat(chunks).toString()));
  });
}
