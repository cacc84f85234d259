import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ignorePatterns } from "../../../../drivers/bubblewrap/ignore-patterns.ts";
import { removeFolderSync, temporaryFolder } from "../../../folder.ts";

test("patterns match their own path in git, and no other", () => {
  const left = [
    "plain",
    "with space ",
    "#hash",
    "!not",
    "star*",
    "q?",
    "[set]",
    "back\\slash",
    "sub/deep file",
    "folder/",
    "new\nline",
    "end\r",
    "ü",
  ];
  const kept = ["other", "with space", "starfish", "qa", "s", "deep file", "nested/plain", "not", "newXline2"];
  const folder = temporaryFolder();
  try {
    const git = (...args: string[]): string[] =>
      spawnSync("git", ["-c", "core.excludesFile=/dev/null", ...args], { cwd: folder, encoding: "utf8" })
        .stdout.split("\0")
        .filter(Boolean);
    git("init", "-q");
    for (const name of ["sub", "folder", "nested"]) mkdirSync(path.join(folder, name));
    for (const name of [...left.filter((given) => given !== "folder/"), "folder/a", "folder/b", ...kept])
      writeFileSync(path.join(folder, name), "");
    writeFileSync(path.join(folder, ".git/info/exclude"), ignorePatterns(left));
    expect(git("ls-files", "-o", "-z", "--exclude-standard").toSorted()).toEqual(kept.toSorted());
  } finally {
    removeFolderSync(folder);
  }
});
