import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { InputError } from "../../../core/errors/index.ts";
import { entryPath, leadsOut } from "../../../drivers/archive/entry-path.ts";

const pathOf = (name: string): ReturnType<typeof entryPath> => entryPath("a.tar", Buffer.from(name));

describe("the path of an entry", () => {
  it.each([
    ["a", "a"],
    ["a/b/c.py", "a/b/c.py"],
    ["./a", "a"],
    ["././a/./b", "a/b"],
    ["a/", "a"],
    ["./", ""],
    [".", ""],
    ["a b/ü.py", "a b/ü.py"],
    ["..a/b..", "..a/b.."],
    ["...", "..."],
    ["a:b", "a:b"],
    ["ab:/c", "ab:/c"],
    ["./c:/x", "c:/x"],
  ])("%s", (name, path) => {
    expect(pathOf(name).path).toBe(path);
  });

  it("is rooted when it starts at a dot, which tells of the archive's own root", () => {
    expect([pathOf("./a").isRooted, pathOf(".").isRooted, pathOf("a/./b").isRooted, pathOf(".a").isRooted]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("is git's state in every spelling of .git, and at every depth", () => {
    for (const name of [".git", ".git/config", "a/.GIT/b", "a/b/.Git"]) expect([name, pathOf(name).isGitState]).toEqual([name, true]);
    for (const name of [".gitignore", "git", "a.git/b", ".git2"]) expect([name, pathOf(name).isGitState]).toEqual([name, false]);
  });

  it("never leads out, whatever bytes a name has", () => {
    const part = fc.constantFrom("..", ".", "", "a", ".git", "C:", "\\", "\0", "é", "\xff", "n".repeat(256));
    const name = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => Buffer.from(parts.join("/"), "latin1")),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(name, (bytes) => {
        try {
          const { path } = entryPath("a.tar", bytes);
          if (path === "") return true;
          return (
            path.split("/").every((each) => each !== "" && each !== "." && each !== ".." && !each.includes("\0")) && !path.startsWith("/")
          );
        } catch (error) {
          return error instanceof InputError && error.code === "archive_unsafe";
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a link leads out", () => {
  it.each([
    ["a", "/x", true],
    ["a", "..", true],
    ["a", ".", false],
    ["a", "b/../..", true],
    ["a", "b/..", false],
    ["d/a", "..", false],
    ["d/a", "../x", false],
    ["d/a", "../../x", true],
    ["d/a", "./.././x/../..", true],
    ["d/e/a", "../../../d", true],
  ])("%s to %s: %s", (path, target, expected) => {
    expect(leadsOut(path, target)).toBe(expected);
  });
});
