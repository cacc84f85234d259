import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { scratch } from "./serac.ts";

const exec = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

it("npm start runs the main job on the bundled example and names the dataset and the next command", async () => {
  await using folder = await scratch();
  const home = join(folder.path, "home");
  const { stdout } = await exec("npm", ["start"], { cwd: ROOT, env: { ...process.env, SERAC_HOME: home } });
  expect(stdout).toMatch(/24 of 24 done, from 57 functions/);
  const dataset = /^Dataset: (.+)$/m.exec(stdout)?.[1];
  expect(await readdir(dataset!)).toEqual(["README.md", "dataset.json", "recipes", "t1", "t2"]);

  const next = /^Next:\n {2}npm run -s serac -- (.+)$/m.exec(stdout)?.[1]?.split(" ");
  const followed = await exec("npm", ["run", "-s", "serac", "--", ...next!], { cwd: ROOT });
  expect(followed.stdout).toMatch(/state {5}accepted/);
});

it("the example's own tests pass", async () => {
  const example = join(ROOT, "test/examples/parcels");
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const python = await exec("python3", ["-m", "unittest", "discover", "-s", "tests"], { cwd: example, env });
  expect(python.stderr).toMatch(/Ran 24 tests[\s\S]*OK/);
  const node = await exec(process.execPath, ["--test"], { cwd: join(example, "board"), env: { ...env, NODE_OPTIONS: "" } });
  expect(node.stdout).toMatch(/pass 7\b/);
});
