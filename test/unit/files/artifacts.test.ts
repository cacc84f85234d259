import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertKey } from "../../../core/svg/artifact-key.ts";
import { openFileArtifacts } from "../../../drivers/files/index.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolderSync(folder));

const uuid = "123e4567-e89b-12d3-a456-426614174000";

test("what dead writers left is removed at open; a living writer's file and artefacts stay", async () => {
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  mkdirSync(join(folder, ".tmp"));
  mkdirSync(join(folder, "runs"));
  writeFileSync(join(folder, ".tmp", `${dead}-${uuid}`), "half");
  writeFileSync(join(folder, ".tmp", `${process.pid}-${uuid}`), "being written");
  writeFileSync(join(folder, "runs", "a"), "whole");
  const artifacts = await openFileArtifacts(folder);
  expect(readdirSync(join(folder, ".tmp"))).toEqual([`${process.pid}-${uuid}`]);
  expect(Buffer.from(await artifacts.get("runs/a")).toString()).toBe("whole");
  const keys: string[] = [];
  for await (const key of artifacts.list("")) keys.push(key);
  expect(keys).toEqual(["runs/a"]);
});

test("a file in place of the folder is a clear error", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(openFileArtifacts(join(folder, "file"))).rejects.toMatchObject({ name: "InputError", code: "home_unusable" });
});

test("no accepted key leaves the folder", async () => {
  const artifacts = await openFileArtifacts(folder);
  const part = fc.oneof(
    fc.constantFrom(".", "..", "", "a", "...", "~", "\\", "C:", "%2e%2e", "..\\", "nul", ".tmp", "é"),
    fc.string({ unit: "binary", maxLength: 5 }),
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join("/")),
      (key) => {
        let accepted = true;
        try {
          assertKey(key);
        } catch {
          accepted = false;
        }
        fc.pre(accepted);
        const file = artifacts.locate(key);
        expect(file.startsWith(`${folder}/`)).toBe(true);
        expect(file.slice(folder.length + 1)).toBe(key);
      },
    ),
    { numRuns: 500, maxSkipsPerRun: 100 },
  );
});
