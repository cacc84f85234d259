import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { contents, git, list, newFolder, open, refusal, write } from "./fixture.ts";

const paths = async (folder: string): Promise<string[]> => (await list(await open(folder))).map((file) => file.path);

describe("a plain folder", () => {
  test("has no commit and no history", async () => {
    const folder = newFolder();
    write(folder, { "a.py": "a" });
    const source = await open(folder);
    expect([source.commit, source.notes, await source.changeTexts(9)]).toEqual([null, [], []]);
    expect(await refusal(folder, "v1")).toMatchObject({
      code: "repository_commit_unknown",
      message: expect.stringContaining("plain folder"),
    });
  });

  test("an empty one is a tree without files", async () => {
    expect(await paths(newFolder())).toEqual([]);
  });

  test("leaves out tools' folders at every depth, and nothing that merely sounds like them", async () => {
    const folder = newFolder();
    const kept = { "src/git/a.py": "", "node_modules.py": "", "a/.github/x.yml": "", ".hidden": "" };
    write(folder, { ...kept, "node_modules/x/i.js": "", "a/node_modules/y.js": "", ".serac/state": "", "a/.git/config": "", ".hg/x": "" });
    expect(await paths(folder)).toEqual(Object.keys(kept).toSorted());
  });

  test("takes .gitignore files as git does", async () => {
    const folder = newFolder();
    write(folder, {
      ".gitignore": "*.log\n/build\ndist/\n!keep.log\n# comment\n\\#odd\ndoc/**/*.txt\n",
      "a.log": "",
      "keep.log": "",
      "sub/b.log": "",
      "build/x": "",
      "sub/build/x": "",
      "dist/x": "",
      "sub/dist/x": "",
      "sub/.gitignore": "!b.log\n*.tmp\nlocal/\n",
      "sub/c.tmp": "",
      "c.tmp": "",
      "sub/local/x": "",
      "local/x": "",
      "#odd": "",
      "doc/a/b/c.txt": "",
      "doc/c.md": "",
      "Ünïcode/é.log": "",
    });
    const seen = await paths(folder);
    // Git itself is the judge: its own idea of what is not ignored.
    git(folder, "init", "-q");
    const judged = git(folder, "ls-files", "--others", "--exclude-standard", "-z").split("\0").filter(Boolean).toSorted();
    expect(seen).toEqual(judged);
    expect(seen).toContain("sub/b.log");
  });

  test("a .gitignore that is a link, a pipe or a trap for regular expressions does no harm", async () => {
    const folder = newFolder();
    write(folder, { "x/rules": "*\n", "y/a.py": "", "z/.gitignore": `${"*a".repeat(60)}b\n`, [`z/${"a".repeat(200)}`]: "" });
    symlinkSync("rules", join(folder, "x/.gitignore"));
    execFileSync("mkfifo", [join(folder, "y/.gitignore")]);
    expect(await paths(folder)).toEqual(["x/.gitignore", "x/rules", "y/.gitignore", "y/a.py", "z/.gitignore", `z/${"a".repeat(200)}`]);
  });

  test("a pipe is listed as unreadable and never opened", async () => {
    const folder = newFolder();
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const source = await open(folder);
    expect((await list(source)).map(({ path, kind }) => [path, kind])).toEqual([["pipe", "unreadable"]]);
    expect(source.notes).toEqual([expect.stringContaining("cannot be read")]);
  });

  test("names that are not UTF-8 are listed and noted, files and folders", async () => {
    const folder = newFolder();
    const odd = Buffer.from([0xe9]);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), odd, Buffer.from(".py")]), "x");
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/d`), odd]));
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/d`), odd, Buffer.from("/in.py")]), "x");
    const source = await open(folder);
    expect((await list(source)).map(({ path, kind }) => [path, kind])).toEqual([
      ["dé", "unreadable"],
      ["é.py", "unreadable"],
    ]);
    expect(source.notes).toEqual([expect.stringContaining("2 path(s) cannot be used: the name is not UTF-8")]);
  });

  test("links are not followed: not out of the folder, not in a circle", async () => {
    const outside = newFolder();
    write(outside, { "secret.py": "s" });
    const folder = newFolder();
    symlinkSync(outside, join(folder, "out"));
    symlinkSync(".", join(folder, "self"));
    const source = await open(folder);
    expect(await contents(source)).toEqual({ out: outside, self: "." });
    expect((await list(source)).map((file) => file.kind)).toEqual(["symlink", "symlink"]);
  });

  test("a link to the folder is the folder", async () => {
    const folder = newFolder();
    write(folder, { "a.py": "a" });
    const link = join(newFolder(), "link");
    symlinkSync(folder, link);
    expect(await contents(await open(link))).toEqual({ "a.py": "a" });
  });
});

describe("a folder that changes while it is read", () => {
  const changes: readonly [string, (file: string) => void][] = [
    ["another content of the same size", (file) => writeFileSync(file, "B")],
    ["a longer file", (file) => writeFileSync(file, "AAAA")],
    ["a file gone", (file) => rmSync(file)],
    [
      "another file in its place",
      (file) => {
        writeFileSync(`${file}.new`, "A");
        renameSync(`${file}.new`, file);
      },
    ],
    [
      "a link in its place",
      (file) => {
        rmSync(file);
        symlinkSync("/etc/hostname", file);
      },
    ],
  ];
  test.each(changes)("is noticed: %s", async (_what, change) => {
    const folder = newFolder();
    write(folder, { "a.py": "A", "b.py": "B" });
    const [a, b] = await list(await open(folder));
    change(join(folder, "a.py"));
    await expect(a?.read()).rejects.toMatchObject({
      code: "repository_unreadable",
      message: expect.stringContaining('"a.py" changed'),
    });
    expect(Buffer.from((await b?.read()) ?? []).toString()).toBe("B");
  });

  test("a file that comes later is not in the listing", async () => {
    const folder = newFolder();
    write(folder, { "a.py": "A" });
    const source = await open(folder);
    write(folder, { "late.py": "L" });
    expect((await list(source)).map((file) => file.path)).toEqual(["a.py"]);
  });
});

// Root may read everything, so the reading is done as nobody.
const readAsNobody = (folder: string): unknown => {
  const driver = join(import.meta.dirname, "../../../drivers/git/index.ts");
  const program = `
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const { openRepository } = await import(${JSON.stringify(driver)});
    try {
      const source = await openRepository(${JSON.stringify(folder)});
      const files = [];
      for await (const file of source.files()) files.push(file.path + " " + file.kind);
      console.log(JSON.stringify({ files, notes: source.notes }));
      await source.close();
    } catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message })); }`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", cwd: "/" }));
};

describe("without permission", () => {
  test("files and folders that cannot be read are listed and noted; the rest is read", ({ skip }) => {
    if (process.getuid?.() !== 0) skip("needs root, to become somebody else");
    const folder = newFolder();
    write(folder, { "ok.py": "o", "no.py": "n", "closed/in.py": "i" });
    chmodSync(folder, 0o755);
    chmodSync(join(folder, "no.py"), 0o000);
    chmodSync(join(folder, "closed"), 0o000);
    expect(readAsNobody(folder)).toEqual({
      files: ["closed unreadable", "no.py unreadable", "ok.py file"],
      notes: ['2 path(s) cannot be read, such as "no.py".'],
    });
  });

  test("a folder that cannot be read at all is refused", ({ skip }) => {
    if (process.getuid?.() !== 0) skip("needs root, to become somebody else");
    const folder = newFolder();
    chmodSync(folder, 0o700);
    expect(readAsNobody(folder)).toMatchObject({
      code: "repository_unreadable",
      message: expect.stringContaining("permission denied"),
    });
  });
});
