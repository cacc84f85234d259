import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startRehearsalTeacher } from "../../drivers/rehearsal/index.ts";
import { startDeployment } from "../contract/control-api/deployment.ts";
import { startFunctions } from "../contract/control-api/functions.ts";
import { exampleRepository, scratch } from "./serac.ts";

const exec = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

const page = await readFile(join(ROOT, "docs/api.md"), "utf8");
const snippets = [...page.matchAll(/^```sh api\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

it("the snippets of docs/api.md run, one after the other", async () => {
  expect(snippets.length).toBeGreaterThan(2);
  await using folder = await scratch();
  const teacher = await startRehearsalTeacher({ seed: 1 });
  await using deployment = await startDeployment();
  await using functions = startFunctions(deployment);
  try {
    const env = {
      ...process.env,
      PATH: `${await commandIn(folder.path)}${delimiter}${process.env["PATH"]}`,
      SERAC_API: deployment.url,
      SERAC_API_KEY: await deployment.newKey(),
      TEACHER_URL: teacher.url,
      TEACHER_MODEL: teacher.model,
      NO_COLOR: "1",
    };
    await repositoryIn(folder.path);
    const script = `${snippets.join("\n")}\necho all of it ran`;
    const { stdout } = await exec("bash", ["-euo", "pipefail", "-c", script], { cwd: folder.path, env, maxBuffer: 64 * 1024 * 1024 });
    expect(functions.faults).toEqual([]);
    expect(stdout).toMatch(/all of it ran\n$/);
    for (const dataset of ["dataset", "again"]) {
      expect(await readdir(join(folder.path, dataset))).toEqual(["README.md", "dataset.json", "recipes", "t1", "t2"]);
    }
  } finally {
    await teacher.close();
  }
});

it("docs/api.md names every route with its scope", async () => {
  await using deployment = await startDeployment();
  const document = (await (await deployment.ask("/v1/openapi.json")).json()) as { paths: Record<string, Record<string, unknown>> };
  for (const [path, methods] of Object.entries(document.paths)) {
    const shown = path.replaceAll(/\{\w+\}/g, "{id}");
    for (const method of Object.keys(methods)) {
      const row = page.split("\n").find((line) => line.startsWith("| `") && line.includes(shown) && line.includes(method.toUpperCase()));
      expect(row, `${method} ${path}`).toBeDefined();
    }
  }
});

/** A folder for the PATH with `serac` in it. */
async function commandIn(folder: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "serac"), `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, "bin/serac.ts")}" "$@"\n`);
  await chmod(join(bin, "serac"), 0o755);
  return bin;
}

async function repositoryIn(folder: string): Promise<void> {
  const repo = join(folder, "my-service");
  await rename(await exampleRepository(folder), repo);
  const git = (...args: string[]) => exec("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: repo });
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "first");
}
