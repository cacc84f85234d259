import { execFile } from "node:child_process";
import { appendFile, chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startRehearsalTeacher } from "../../drivers/rehearsal/index.ts";
import { freshHome } from "../claude-code/environment.ts";
import { installClient } from "../claude-code/install.ts";
import { trainerPython } from "../images/python.ts";
import { tinyBase } from "../images/tiny-base.ts";
import { exampleRepository, scratch } from "./serac.ts";

const exec = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

const pages = (await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md")).toSorted();
const snippetsOf = (page: string): string[] => [...page.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

/** A folder as a reader has it: a git repository `my-service`, and `serac` and `claude` on the PATH. */
async function reader(folder: string): Promise<NodeJS.ProcessEnv> {
  const repo = await exampleRepository(folder);
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "serac"), `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, "bin/serac.ts")}" "$@"\n`);
  const [claude] = await installClient("2.1.329");
  await writeFile(join(bin, "claude"), `#!/bin/sh\nexec "${claude}" "$@"\n`);
  await symlink(await tinyBase(), join(folder, "tiny-base"));
  for (const name of ["serac", "claude"]) await chmod(join(bin, name), 0o755);
  const git = (...args: string[]) => exec("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: repo });
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "first");
  await appendFile(join(repo, "parcels/money.py"), "\n\ndef is_free(cents):\n    return cents == 0\n");
  await git("commit", "-qam", "second");
  await exec("mv", [repo, join(folder, "my-service")]);
  return { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}`, NO_COLOR: "1", SERAC_TRAINER_PYTHON: await trainerPython() };
}

const withSnippets: string[] = [];
for (const name of pages) {
  if (snippetsOf(await readFile(join(ROOT, "docs", name), "utf8")).length > 0) withSnippets.push(name);
}

it("pages have snippets to run", () => {
  expect(withSnippets).toEqual(["claude-code.md", "datasets.md", "getting-started.md", "sandbox.md", "training.md"]);
});

it.each(withSnippets)("the snippets of docs/%s run, one after the other", async (name) => {
  const snippets = snippetsOf(await readFile(join(ROOT, "docs", name), "utf8"));
  await using folder = await scratch();
  await using home = await freshHome();
  const teacher = await startRehearsalTeacher({ seed: 1 });
  try {
    const env = { ...home.env, ...(await reader(folder.path)), HOME: home.path, TEACHER_URL: teacher.url, TEACHER_MODEL: teacher.model };
    const script = `${snippets.join("\n")}\necho all of it ran`;
    const { stdout } = await exec("bash", ["-euo", "pipefail", "-c", script], { cwd: folder.path, env, maxBuffer: 64 * 1024 * 1024 });
    expect(stdout).toMatch(/all of it ran\n$/);
  } finally {
    await teacher.close();
  }
});
