import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdCompressSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import type { RepositorySource } from "../../../core/survey/repository.ts";
import { packRepository } from "../../../drivers/archive/index.ts";
import { git, list, newFolder, newRepository, open as openFolder, write } from "../repository/fixture.ts";
import { open, refusal, seen } from "./open.ts";

const LONG = `${"deep/".repeat(30)}${"n".repeat(120)}.py`;

const FILES = {
  "README.md": "hello\n",
  "src/a b.py": "x = 1\r\n",
  "src/é/日本.py": "y = 2\n",
  "src/latin.py": Buffer.from([0x23, 0xe9, 0x0a]),
  "src/empty.py": "",
  "bin/zero.bin": Buffer.alloc(70_000),
  "a-b": "1",
  "a/b": "2",
  "a.b": "3",
  "A.b": "4",
  '"quoted"': "5",
  "new\nline": "6",
  "back\\slash": "7",
  "\u{1f600}.txt": "beyond the BMP",
  "\uff5e.txt": "within it, but after it in code units",
  [LONG]: "long",
};

/** Git's own answer to what the tree holds is the measure for each of the archives that are made of it. */
function fill(folder: string, files: Readonly<Record<string, string | Uint8Array>> = FILES): string {
  write(folder, { ...files, "run.sh": "#!/bin/sh\n" });
  chmodSync(join(folder, "run.sh"), 0o755);
  symlinkSync("README.md", join(folder, "link"));
  symlinkSync(`${"x/".repeat(80)}far`, join(folder, "long-link"));
  symlinkSync("../out", join(folder, "outside"));
  symlinkSync("loop", join(folder, "loop"));
  return folder;
}

function repository(files?: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = newRepository({});
  fill(folder, files);
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "All");
  return folder;
}

function command(cwd: string, program: string, ...args: string[]): Buffer {
  return execFileSync(program, args, { cwd, env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", PYTHONUTF8: "1" }, maxBuffer: 1 << 28 });
}

const PYTHON_TAR = `
import sys, tarfile
with tarfile.open(sys.argv[1], sys.argv[2], format=getattr(tarfile, sys.argv[3])) as tar: tar.add(".", arcname=sys.argv[4], filter=lambda i: None if "/.git" in i.name else i)`;

function pythonTar(folder: string, mode: string, format: string, name = "."): Buffer {
  const target = join(newFolder(), "archive");
  command(folder, "python3", "-c", PYTHON_TAR, target, mode, format, name);
  return readFileSync(target);
}

const GNU = ["--exclude=./.git", "--sort=name"];

const MAKERS: readonly (readonly [string, (folder: string) => Buffer])[] = [
  ["GNU tar, gzip", (folder) => command(folder, "tar", ...GNU, "-czf", "-", ".")],
  ["GNU tar, pax headers", (folder) => command(folder, "tar", ...GNU, "--format=pax", "-czf", "-", ".")],
  ["GNU tar, no compression", (folder) => command(folder, "tar", ...GNU, "-cf", "-", ".")],
  ["GNU tar, zstd", (folder) => zstdCompressSync(command(folder, "tar", ...GNU, "-cf", "-", "."))],
  [
    "GNU tar, many gzip members",
    (folder) => command(folder, "sh", "-c", "tar --exclude=./.git -cf - . | split -b 20000 --filter='gzip -c' - x"),
  ],
  ["python tarfile, GNU", (folder) => pythonTar(folder, "w:gz", "GNU_FORMAT")],
  ["python tarfile, pax", (folder) => pythonTar(folder, "w:gz", "PAX_FORMAT", "project-1.0")],
  ["git archive, tar.gz", (folder) => command(folder, "git", "archive", "--format=tar.gz", "HEAD")],
  ["git archive, with a top folder", (folder) => command(folder, "git", "archive", "--prefix=project-1.0/", "--format=tar.gz", "HEAD")],
  ["git bundle", (folder) => command(folder, "git", "bundle", "create", "-q", "-", "HEAD", "main")],
  ["git bundle, version 3", (folder) => command(folder, "git", "bundle", "create", "-q", "--version=3", "-", "HEAD", "main")],
];

describe.each(MAKERS)("%s", (name, make) => {
  test("holds what git says", async () => {
    const folder = repository();
    const expected = await seen(await openFolder(folder));
    for (const pieces of [1 << 20, 777]) {
      const source = await open(make(folder), { pieces });
      expect(await seen(source)).toEqual(expected);
      expect(Object.keys(await seen(source))).toEqual(Object.keys(expected));
      expect(source.commit).toBe(name.startsWith("git") ? git(folder, "rev-parse", "HEAD") : null);
      expect(source.notes.join(" ")).toMatch(/1 file that links to a place outside.*"outside"/);
      expect(source.notes.join(" ")).toMatch(/differ only in case/);
    }
  });
});

const PYTHON_ZIP = `
import sys, os, zipfile
with zipfile.ZipFile(sys.argv[1], "w", int(sys.argv[2])) as zip:
  for folder, _, names in os.walk("."):
    if folder.startswith("./.git"): continue
    for name in names:
      path = os.path.join(folder, name)
      if os.path.islink(path):
        info = zipfile.ZipInfo(os.path.relpath(path)); info.create_system = 3; info.external_attr = 0o120777 << 16
        zip.writestr(info, os.readlink(path))
      else: zip.write(path)`;

function pythonZip(folder: string, method: number): Buffer {
  const target = join(newFolder(), "archive.zip");
  command(folder, "python3", "-c", PYTHON_ZIP, target, String(method));
  return readFileSync(target);
}

/** A backslash is no character of a name in a zip. */
const { "back\\slash": _, ...ZIP_FILES } = FILES;

describe.each([
  ["python zipfile, deflated", (folder: string) => pythonZip(folder, 8)],
  ["python zipfile, stored", (folder: string) => pythonZip(folder, 0)],
  ["git archive, zip", (folder: string) => command(folder, "git", "archive", "--format=zip", "HEAD")],
  ["git archive, zip with a top folder", (folder: string) => command(folder, "git", "archive", "--prefix=p/", "--format=zip", "HEAD")],
])("%s", (name, make) => {
  test("holds what git says", async () => {
    const folder = repository(ZIP_FILES);
    const source = await open(make(folder), { pieces: 1000 });
    expect(await seen(source)).toEqual(await seen(await openFolder(folder)));
    expect(source.commit).toBe(name.startsWith("git") ? git(folder, "rev-parse", "HEAD") : null);
  });
});

describe("what an archive is", () => {
  test("a folder at the top is taken away, and that is said", async () => {
    const folder = repository();
    const source = await open(command(folder, "git", "archive", "--prefix=project-1.0/", "--format=tar.gz", "HEAD"));
    expect(source.notes[0]).toBe('Everything is in the folder "project-1.0" of the archive; paths start there.');
  });

  test("a folder that stands in the root by its name stays", async () => {
    const folder = newFolder();
    write(folder, { "src/a.py": "a", "src/b.py": "b" });
    const source = await open(command(folder, "tar", "-czf", "-", "."));
    expect(Object.keys(await seen(source))).toEqual(["src/a.py", "src/b.py"]);
    expect(source.notes).toEqual([]);
  });

  test.each(["tar", "zip"])("the .git of a work tree is left out of a %s, and that is said", async (kind) => {
    const folder = newRepository({ "src/a.py": "a", ".gitignore": "*.log\n" });
    write(folder, { "x.log": "ignored" });
    for (const [cwd, top] of [
      [folder, "."],
      [join(folder, ".."), folder.slice(folder.lastIndexOf("/") + 1)],
    ] as const) {
      const bytes = kind === "tar" ? command(cwd, "tar", "-czf", "-", top) : command(cwd, "sh", "-c", `zip -qr - '${top}'`);
      const source = await open(bytes);
      expect(Object.keys(await seen(source))).toEqual([".gitignore", "src/a.py", "x.log"]);
      expect(source.commit).toBeNull();
      expect(source.notes.join(" ")).toMatch(/entries of a \.git are left out.*A git bundle brings a commit/);
    }
  });

  test("hard links are files of their own", async () => {
    const folder = newFolder();
    write(folder, { "a.py": "once" });
    mkdirSync(join(folder, "sub"));
    linkSync(join(folder, "a.py"), join(folder, "sub/b.py"));
    const files = await seen(await open(command(folder, "tar", "-czf", "-", ".")));
    expect(Object.values(files).map(({ kind, content }) => [kind, content])).toEqual([
      ["file", "once"],
      ["file", "once"],
    ]);
  });

  test("bits beside the executable one are of no account, and pipes are left out", async () => {
    const folder = newFolder();
    write(folder, { "suid.sh": "x", plain: "y" });
    chmodSync(join(folder, "suid.sh"), 0o4755);
    command(folder, "mkfifo", "pipe");
    const source = await open(command(folder, "tar", "-czf", "-", "."));
    expect(Object.entries(await seen(source)).map(([path, { executable }]) => [path, executable])).toEqual([
      ["plain", false],
      ["suid.sh", true],
    ]);
    expect(source.notes).toEqual(['1 file that is a device, a pipe or a socket: left out ("pipe").']);
  });

  test("a name that is not UTF-8 is listed as git lists it", async () => {
    const folder = newRepository({ "ok.py": "ok" });
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from(".py")]), "x");
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "Odd");
    const expected = await openFolder(folder);
    for (const bytes of [
      command(folder, "git", "archive", "HEAD"),
      command(folder, "git", "bundle", "create", "-q", "-", "HEAD", "main"),
    ]) {
      const source = await open(bytes);
      expect(Object.entries(await seen(source)).map(([path, { kind }]) => [path, kind])).toEqual([
        ["caf\u00e9.py", "unreadable"],
        ["ok.py", "file"],
      ]);
      expect(source.notes).toEqual(expected.notes);
    }
  });

  test("the commit that git archive has written into it, and no other", async () => {
    const folder = repository();
    const id = git(folder, "rev-parse", "HEAD");
    const bytes = command(folder, "git", "archive", "HEAD");
    for (const commit of [id, id.slice(0, 7), id.toUpperCase()]) expect((await open(bytes, { commit })).commit).toBe(id);
    const error = await refusal(bytes, { commit: "main" });
    expect([error.code, error.hint]).toEqual(["repository_commit_unknown", expect.stringContaining("git bundle")]);
    expect((await refusal(pythonTar(folder, "w:gz", "PAX_FORMAT"), { commit: id })).code).toBe("repository_commit_unknown");
  });

  test("can be listed again, and read in any order", async () => {
    const folder = repository();
    for (const bytes of [command(folder, "git", "archive", "HEAD"), command(folder, "git", "bundle", "create", "-q", "-", "HEAD")]) {
      const source = await open(bytes);
      const files = await list(source);
      const backwards = await Promise.all(
        files.toReversed().map(async (file) => [file.path, Buffer.from(await file.read()).toString("hex")]),
      );
      const forwards = await Promise.all(files.map(async (file) => [file.path, Buffer.from(await file.read()).toString("hex")]));
      expect(Object.fromEntries(backwards)).toEqual(Object.fromEntries(forwards));
    }
  });
});

async function packed(source: RepositorySource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of packRepository(source)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("packing a repository", () => {
  test("gives the same files, modes, links and commit when it is opened again", async () => {
    const folder = repository();
    const source = await openFolder(folder);
    const bytes = await packed(source);
    const again = await open(bytes);
    expect(await seen(again)).toEqual(await seen(source));
    expect(again.commit).toBe(source.commit);
    expect((await packed(source)).equals(bytes)).toBe(true);
    expect((await packed(again)).equals(bytes)).toBe(true);
  });

  test("keeps the only folder of a tree in its place, and paths that look like drives", async () => {
    const folder = newFolder();
    write(folder, { "src/a.py": "a", "src/b/c.py": "c" });
    const source = await openFolder(folder);
    expect(await seen(await open(await packed(source)))).toEqual(await seen(source));
    const odd = newFolder();
    write(odd, { "c:/x.py": "x" });
    expect(Object.keys(await seen(await open(await packed(await openFolder(odd)))))).toEqual(["c:/x.py"]);
  });

  test("is a tar.gz that GNU tar unpacks to the same files", async () => {
    const folder = fill(newFolder());
    const source = await openFolder(folder);
    const target = newFolder();
    execFileSync("tar", ["-xzf", "-", "-C", target], { input: await packed(source) });
    expect(await seen(await openFolder(target))).toEqual(await seen(source));
  });

  test("ends with the error of a file that cannot be read", async () => {
    const folder = newFolder();
    write(folder, { "a.py": "a", "b.py": "b" });
    const source = await openFolder(folder);
    write(folder, { "b.py": "changed meanwhile" });
    await expect(packed(source)).rejects.toMatchObject({ code: "repository_unreadable" });
  });

  test("names no time and no owner", async () => {
    const folder = newFolder();
    write(folder, { "a.py": "a" });
    const tar = gunzipSync(await packed(await openFolder(folder)));
    expect(tar.toString("latin1", 512 + 100, 512 + 148)).toBe("0000644\x000000000\x000000000\x0000000000001\x0000000000000\0");
  });
});
