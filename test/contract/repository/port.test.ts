import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { contents, git, list, newFolder, newRepository, open, write } from "./fixture.ts";

const TREE = {
  "README.md": "hello\n",
  "src/a b.py": "x = 1\r\n",
  "src/é/日本.py": "y = 2\n",
  "src/new\nline.py": "z = 3\n",
  "src/latin.py": Buffer.from([0x23, 0xe9, 0x0a]),
  "src/empty.py": "",
  "bin/zero.bin": Buffer.from([0, 10, 0, 10, 0]),
  "a-b": "1",
  "a/b": "2",
  "a.b": "3",
  '"quoted"': "4",
  "\u{1f600}.txt": "beyond the BMP",
  "\uff5e.txt": "within it, but after it in code units",
};

function fill(folder: string): string {
  write(folder, TREE);
  write(folder, { "run.sh": "#!/bin/sh\n" });
  chmodSync(join(folder, "run.sh"), 0o755);
  symlinkSync("README.md", join(folder, "link"));
  symlinkSync("/etc/passwd", join(folder, "outside"));
  symlinkSync("loop", join(folder, "loop"));
  mkdirSync(join(folder, "deep"));
  symlinkSync("..", join(folder, "deep/up"));
  return folder;
}

const DRIVERS: readonly [string, () => string][] = [
  ["a plain folder", () => fill(newFolder())],
  [
    "a git work tree",
    () => {
      const folder = newRepository({});
      fill(folder);
      git(folder, "add", "-A");
      git(folder, "commit", "-q", "-m", "All");
      return folder;
    },
  ],
  [
    "a bare repository",
    () => {
      const folder = newRepository({});
      fill(folder);
      git(folder, "add", "-A");
      git(folder, "commit", "-q", "-m", "All");
      const bare = newFolder();
      git(folder, "clone", "-q", "--bare", folder, join(bare, "r.git"));
      return join(bare, "r.git");
    },
  ],
  [
    "a sha256 repository",
    () => {
      const folder = newFolder();
      git(folder, "init", "-q", "--object-format=sha256");
      fill(folder);
      git(folder, "add", "-A");
      git(folder, "commit", "-q", "-m", "All");
      return folder;
    },
  ],
];

describe.each(DRIVERS)("%s", (_name, make) => {
  test("gives every file byte for byte", async () => {
    const expected = Object.fromEntries(
      Object.entries(TREE).map(([path, text]) => [path, (typeof text === "string" ? Buffer.from(text) : text).toString("latin1")]),
    );
    expect(await contents(await open(make()))).toEqual({
      ...expected,
      "run.sh": "#!/bin/sh\n",
      link: "README.md",
      outside: "/etc/passwd",
      loop: "loop",
      "deep/up": "..",
    });
  });

  test("sorts by code units, whatever order git or the disk has", async () => {
    const paths = (await list(await open(make()))).map((file) => file.path);
    expect(paths).toEqual(paths.toSorted());
    expect(paths.indexOf("\u{1f600}.txt")).toBeLessThan(paths.indexOf("\uff5e.txt"));
  });

  test("tells kinds, sizes and executable bits", async () => {
    const files = new Map((await list(await open(make()))).map((file) => [file.path, file]));
    expect(files.get("run.sh")).toMatchObject({ kind: "file", executable: true, size: 10 });
    expect(files.get("src/empty.py")).toMatchObject({ kind: "file", executable: false, size: 0 });
    expect(files.get("bin/zero.bin")).toMatchObject({ kind: "file", size: 5 });
    expect(["link", "outside", "loop", "deep/up"].map((path) => files.get(path)?.kind)).toEqual(Array(4).fill("symlink"));
    expect(files.get("link")?.size).toBe(0);
  });

  test("can be listed again, and read in any order", async () => {
    const source = await open(make());
    const files = await list(source);
    const backwards = await Promise.all(files.toReversed().map(async (file) => [file.path, (await file.read()).length]));
    const forwards = await Promise.all((await list(source)).map(async (file) => [file.path, (await file.read()).length]));
    expect(Object.fromEntries(backwards)).toEqual(Object.fromEntries(forwards));
  });
});
