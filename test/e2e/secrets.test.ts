import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startRehearsalTeacher } from "../../drivers/rehearsal/index.ts";
import { exampleRepository, scratch, serac } from "./serac.ts";

const KEY = "sk-rehearsal-0123456789abcdef";

async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)));
}

it("the teacher's key reaches the teacher and nothing else: no output, no file of the home, no agent", async () => {
  await using folder = await scratch();
  const cwd = folder.path;
  const repo = await exampleRepository(cwd);
  const teacher = await startRehearsalTeacher({ seed: 4, apiKey: KEY });
  await writeFile(
    join(cwd, "serac.yaml"),
    JSON.stringify({ teacher: { baseUrl: teacher.url, model: teacher.model, apiKeyEnv: "SERAC_TEST_KEY" } }),
  );
  try {
    const env = { SERAC_TEST_KEY: KEY };
    const run = await serac(["run", repo, "--samples", "4", "--json", "--debug"], { cwd, env });
    expect(run.code, run.stderr).toBe(0);
    expect(teacher.stats().paidCalls).toBeGreaterThan(0);
    const shown = await serac(["show", "latest-s1", "--full", "--json"], { cwd, env });
    const printed = [run, shown].flatMap(({ stdout, stderr }) => [stdout, stderr]);
    expect(printed.filter((text) => text.includes(KEY))).toEqual([]);
    const files = await filesBelow(join(cwd, ".serac"));
    expect(files.size).toBeGreaterThan(10);
    expect([...files].filter(([, content]) => content.includes(KEY)).map(([path]) => path)).toEqual([]);
  } finally {
    await teacher.close();
  }
});
