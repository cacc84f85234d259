import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { homeFlag, isHome } from "../../../cli/home.ts";
import { openExistingState } from "../../../cli/platform.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

test("commands that only look make no home of a folder that is none", async () => {
  await writeFile(join(folder, "main.go"), "package main\n");
  for (const path of [folder, join(folder, "not-there"), join(folder, "main.go")]) {
    expect(isHome(path)).toBe(false);
    await expect(openExistingState(path)).rejects.toMatchObject({ code: "home_unusable" });
  }
  expect(await readdir(folder)).toEqual(["main.go"]);
});

test("the next command names the home unless it is the usual one", async () => {
  await mkdir(join(folder, "elsewhere"));
  expect(homeFlag(join(process.cwd(), ".serac"))).toBe("");
  expect(homeFlag(join(process.cwd(), "runs/home"))).toBe(" --home runs/home");
  expect(homeFlag(join(folder, "elsewhere"))).toBe(` --home ${join(folder, "elsewhere")}`);
});
