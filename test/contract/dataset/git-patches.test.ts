import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changedLines, parsePatch, patchHash } from "../../../core/svg/patch/index.ts";
import { scorePatches } from "../../../core/svg/recall/index.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

let folder: string;

function git(...args: string[]): string {
  const isolated = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const identity = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.autocrlf=false"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, env: isolated, encoding: "utf8", maxBuffer: 1 << 28 });
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const body = (name: string): string => Array.from({ length: 30 }, (_, index) => `${name} line ${index}\n`).join("");

/** One repository with every kind of change that git can write. */
beforeAll(() => {
  folder = temporaryFolder();
  git("init", "-q", "-b", "trunk");
  const names = [
    "plain.py",
    "with space.py",
    "naïve 中.py",
    'quo"te\\.py',
    "tab\tname.py",
    "a/b/x b/x.py",
    "crlf.txt",
    "q.sql",
    "mode.sh",
    "gone.py",
    "old name.py",
  ];
  for (const name of names) put(name, body(name));
  put(
    "blob.bin",
    Uint8Array.from({ length: 2000 }, (_, index) => (index * 31) % 256),
  );
  put("no-newline.txt", "a\nb");
  git("add", "-A");
  git("commit", "-qm", "base");
  for (const name of names.slice(0, 6))
    put(name, body(name).replace("line 3\n", "changed\n").replace("line 20\n", "line 20\n+++ added\n--- x\n"));
  put("crlf.txt", body("crlf.txt").replaceAll("\n", "\r\n"));
  put("q.sql", body("q.sql").replace("q.sql line 5\n", "-- comment\n").replace("q.sql line 7\n", "@@ -1 +1 @@\ndiff --git a/x b/x\n"));
  chmodSync(join(folder, "mode.sh"), 0o755);
  rmSync(join(folder, "gone.py"));
  renameSync(join(folder, "old name.py"), join(folder, "new name.py"));
  put("new name.py", body("old name.py").replace("line 9\n", "line nine\n"));
  put("fresh/empty.py", "");
  put("fresh/file.py", "x\n\n\f\n");
  put(
    "blob.bin",
    Uint8Array.from({ length: 2500 }, (_, index) => (index * 37) % 256),
  );
  put("no-newline.txt", "a\nc");
  git("add", "-A");
});

afterAll(() => removeFolderSync(folder));

/** What git itself makes of the patch: added, deleted, path. */
function numstat(...args: string[]): readonly (readonly [number, number])[] {
  return git("diff", "--cached", "--numstat", "-z", "--no-renames", ...args)
    .split("\0")
    .filter((row) => /^\d/.test(row))
    .map((row) => row.split("\t"))
    .map(([added, deleted]) => [Number(added), Number(deleted)]);
}

const VARIANTS: readonly (readonly string[])[] = [
  [],
  ["-M"],
  ["-C", "--find-copies-harder"],
  ["--binary"],
  ["--no-renames", "--binary"],
  ["-U0"],
  ["-U100"],
  ["--no-prefix"],
  ["--src-prefix=i/", "--dst-prefix=w/"],
  ["--full-index", "--function-context"],
];

describe.each([["true"], ["false"]])("patches of real git with core.quotePath=%s", (quotePath) => {
  test.each(VARIANTS.map((args) => [args.join(" ") || "no options", args] as const))("%s", (_, args) => {
    const patch = git("-c", `core.quotePath=${quotePath}`, "diff", "--cached", ...args);
    const files = parsePatch(patch);
    const expected = git("diff", "--cached", "--name-only", "-z", ...args.filter((arg) => !arg.startsWith("--binary")))
      .split("\0")
      .filter(Boolean);
    expect(files.map((file) => String(file.newPath ?? file.oldPath)).toSorted()).toEqual(expected.toSorted());
    expect(scorePatches(patch, patch, "serac").recall).toBe(1);
  });
});

test("added plus deleted lines are git's own", () => {
  const total = numstat().reduce((sum, [added, deleted]) => sum + added + deleted, 0);
  expect(changedLines(git("diff", "--cached", "--no-renames", "--binary"))).toBe(total);
});

test("a diff with and without rename detection speaks of the same file", () => {
  const renamed = git("diff", "--cached", "-M", "--", "old name.py", "new name.py");
  const separate = git("diff", "--cached", "--no-renames", "--", "old name.py", "new name.py");
  expect(parsePatch(renamed)).toHaveLength(1);
  expect(scorePatches(renamed, separate, "serac").recall).toBe(1);
});

test("positions and index lines do not change the hash, and another base does not hide a duplicate", () => {
  const patch = git("diff", "--cached", "--binary");
  expect(patchHash(git("diff", "--cached", "--binary", "--full-index"))).toBe(patchHash(patch));
  expect(patchHash(git("diff", "--cached", "--binary", "-U4"))).not.toBe(patchHash(patch));
});

test("a merge's combined diff is refused", () => {
  git("commit", "-qm", "work");
  git("checkout", "-q", "-b", "side", "HEAD~1");
  put("plain.py", body("plain.py").replace("line 3\n", "side\n"));
  git("commit", "-qam", "side");
  try {
    git("merge", "-q", "trunk");
  } catch {
    // The conflict is what the test is about.
  }
  expect(() => parsePatch(git("diff", "--", "plain.py"))).toThrow(/combined diff/);
});
