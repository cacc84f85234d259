import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { contents, git, list, newFolder, newRepository, open, refusal, write } from "./fixture.ts";

describe("what is read", () => {
  test("the commit, and not what lies in the work tree", async () => {
    const folder = newRepository({ "a.py": "old", "b.py": "old" });
    write(folder, { "a.py": "changed", "new.py": "untracked" });
    git(folder, "rm", "-q", "b.py");
    const source = await open(folder);
    expect(await contents(source)).toEqual({ "a.py": "old", "b.py": "old" });
    expect(source.notes).toEqual([
      `Uncommitted work is left out: 2 changed and 1 untracked path(s) differ from commit ${git(folder, "rev-parse", "HEAD").slice(0, 12)}.`,
    ]);
  });

  test("a file that was only touched is no change", async () => {
    const folder = newRepository({ "a.py": "old" });
    utimesSync(join(folder, "a.py"), 1, 1);
    expect((await open(folder)).notes).toEqual([]);
  });

  test("the home of serac and ignored files are no uncommitted work", async () => {
    const folder = newRepository({ ".gitignore": "*.log\n" });
    write(folder, { ".serac/state": "x", "x.log": "x" });
    expect((await open(folder)).notes).toEqual([]);
  });

  test("an older commit by branch, tag, id and expression", async () => {
    const folder = newRepository({ "a.py": "one" });
    git(folder, "tag", "v1");
    const first = git(folder, "rev-parse", "HEAD");
    write(folder, { "a.py": "two" });
    git(folder, "commit", "-qam", "Second");
    for (const name of ["v1", first, first.slice(0, 8), "HEAD~1", "main^"]) {
      const source = await open(folder, name);
      expect(source.commit).toBe(first);
      expect(await contents(source)).toEqual({ "a.py": "one" });
      expect(source.notes).toEqual([]);
    }
  });

  test("a linked work tree, and its own commit", async () => {
    const folder = newRepository({ "a.py": "main" });
    const linked = join(newFolder(), "linked");
    git(folder, "worktree", "add", "-q", "-b", "side", linked);
    write(linked, { "a.py": "side" });
    git(linked, "commit", "-qam", "Side");
    expect(await contents(await open(linked))).toEqual({ "a.py": "side" });
    expect(await contents(await open(folder))).toEqual({ "a.py": "main" });
  });

  test("a folder inside a repository, with paths from there", async () => {
    const folder = newRepository({ "top.py": "t", "sub dir/in.py": "i", "sub dir/é/x.py": "x" });
    const source = await open(join(folder, "sub dir"));
    expect(await contents(source)).toEqual({ "in.py": "i", "é/x.py": "x" });
    expect(source.notes[0]).toContain("Only sub dir/");
    expect(source.commit).toBe(git(folder, "rev-parse", "HEAD"));
  });

  test("a folder that git ignores is a plain folder", async () => {
    const folder = newRepository({ ".gitignore": "example/\n" });
    write(folder, { "example/a.py": "a" });
    const source = await open(join(folder, "example"));
    expect(source.commit).toBeNull();
    expect(await contents(source)).toEqual({ "a.py": "a" });
    expect(source.notes[0]).toContain("read as a plain folder");
    expect((await refusal(join(folder, "example"), "main")).code).toBe("repository_commit_unknown");
  });

  test("a shallow clone says so and still lists and tells of changes", async () => {
    const folder = newRepository({ "a.py": "1" });
    git(folder, "commit", "-q", "--allow-empty", "-m", `Second\n\n${"Explains what went wrong in some detail. ".repeat(4)}`);
    const clone = join(newFolder(), "clone");
    git(folder, "clone", "-q", "--depth=1", `file://${folder}`, clone);
    const source = await open(clone);
    expect(source.notes).toEqual([expect.stringContaining("shallow")]);
    expect(await contents(source)).toEqual({ "a.py": "1" });
    expect(await source.changeTexts(5)).toHaveLength(1);
    const error = await refusal(clone, "HEAD~1");
    expect(error.code).toBe("repository_commit_unknown");
    expect(error.hint).toContain("--unshallow");
  });

  test("submodules are listed, never entered", async () => {
    const inner = newRepository({ "inner.py": "i" });
    const folder = newRepository({ "a.py": "a" });
    git(folder, "submodule", "--quiet", "add", inner, "lib/inner");
    git(folder, "commit", "-qm", "Add a module");
    const source = await open(folder);
    const files = await list(source);
    expect(files.map(({ path, kind }) => [path, kind])).toEqual([
      [".gitmodules", "file"],
      ["a.py", "file"],
      ["lib/inner", "submodule"],
    ]);
    expect(await files[2]?.read()).toHaveLength(0);
    expect(source.notes).toEqual([expect.stringContaining("1 submodule is listed")]);
    expect(await contents(await open(join(folder, "lib/inner")))).toEqual({ "inner.py": "i" });
  });

  test("names that are not UTF-8 are listed as unreadable; names in two cases are noted", async () => {
    const folder = newRepository({ "ok.py": "o", Makefile: "1", makefile: "2" });
    execFileSync("git", ["-C", folder, "update-index", "--add", "-z", "--index-info"], {
      input: Buffer.concat([Buffer.from(`100644 ${git(folder, "rev-parse", "HEAD:ok.py")}\t`), Buffer.from([0xe9, 0x2e, 0x70, 0x79, 0])]),
    });
    git(folder, "commit", "-qm", "Odd");
    const source = await open(folder);
    expect((await list(source)).map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      "Makefile file",
      "makefile file",
      "ok.py file",
      "é.py unreadable",
    ]);
    expect(source.notes.join(" ")).toMatch(/1 file with a name that is not UTF-8.*differ only in case/);
  });

  test("an empty commit has no files", async () => {
    expect(await contents(await open(newRepository({})))).toEqual({});
  });
});

describe("what is refused", () => {
  test("nothing there, a file, an address", async () => {
    const folder = newFolder();
    write(folder, { "file.tar": "x" });
    const gone = await refusal(join(folder, "nothing"));
    expect(gone.code).toBe("repository_missing");
    expect(gone.message).toContain(join(folder, "nothing"));
    expect(await refusal(join(folder, "file.tar"))).toMatchObject({
      code: "repository_missing",
      message: expect.stringContaining("not a folder"),
    });
    for (const address of ["https://example.org/a/b.git", "git@example.org:a/b.git", "ssh://example.org/x"]) {
      expect(await refusal(address)).toMatchObject({ code: "repository_missing", hint: expect.stringContaining("git clone") });
    }
  });

  test("a loop of links", async () => {
    const folder = newFolder();
    symlinkSync(join(folder, "b"), join(folder, "a"));
    symlinkSync(join(folder, "a"), join(folder, "b"));
    expect((await refusal(join(folder, "a"))).code).toBe("repository_unreadable");
  });

  test("a repository without a commit", async () => {
    const folder = newFolder();
    git(folder, "init", "-q");
    write(folder, { "a.py": "a" });
    const error = await refusal(folder);
    expect(error.code).toBe("repository_empty");
    expect(error.hint).toContain("git commit");
    const bare = newFolder();
    git(bare, "init", "-q", "--bare");
    expect((await refusal(bare)).code).toBe("repository_empty");
  });

  test("an unknown commit, naming what there is", async () => {
    const folder = newRepository({ "a.py": "a" });
    git(folder, "tag", "v1.0");
    for (const name of ["v2", "0123456789012345678901234567890123456789", "--all", "", "HEAD:a.py", "a b"]) {
      const error = await refusal(folder, name);
      expect(error.code).toBe("repository_commit_unknown");
      expect(error.message).toContain(JSON.stringify(name));
      expect(error.hint).toMatch(/main.*v1\.0|v1\.0.*main/);
    }
  });

  test("HEAD on a branch that is not there, while others are", async () => {
    const folder = newRepository({ "a.py": "a" });
    git(folder, "symbolic-ref", "HEAD", "refs/heads/gone");
    const error = await refusal(folder);
    expect(error.code).toBe("repository_commit_unknown");
    expect(error.hint).toContain("main");
    expect(await contents(await open(folder, "main"))).toEqual({ "a.py": "a" });
  });

  test("a .git that git cannot read is damage, and not a plain folder", async () => {
    const broken = newRepository({ "a.py": "a" });
    rmSync(join(broken, ".git/HEAD"));
    expect(await refusal(broken)).toMatchObject({
      code: "repository_unreadable",
      message: expect.stringContaining("git cannot read"),
    });
    const pruned = newFolder();
    write(pruned, { ".git": "gitdir: /nowhere/at/all\n", "a.py": "a" });
    expect((await refusal(pruned)).code).toBe("repository_unreadable");
    const rubbish = newFolder();
    write(rubbish, { ".git": "rubbish" });
    expect((await refusal(rubbish)).code).toBe("repository_unreadable");
  });

  test("a commit whose tree is lost", async () => {
    const folder = newRepository({ "src/a.py": "a" });
    const tree = git(folder, "rev-parse", "HEAD^{tree}");
    rmSync(join(folder, ".git/objects", tree.slice(0, 2), tree.slice(2)));
    expect((await refusal(folder)).code).toBe("repository_unreadable");
  });

  test("git is not installed: a repository is refused, a plain folder is read", async () => {
    const empty = newFolder();
    const repository = newRepository({ "a.py": "a" });
    const error = await refusal(repository, "HEAD", { searchPath: empty });
    expect(error).toMatchObject({ code: "repository_unreadable", hint: expect.stringContaining("Install git") });
    const plain = newFolder();
    write(plain, { "a.py": "a" });
    const source = await open(plain, "HEAD", { searchPath: empty });
    expect(await contents(source)).toEqual({ "a.py": "a" });
    expect(source.notes[0]).toContain("git was not found");
  });
});

describe("damage inside", () => {
  test("a lost blob is listed as unreadable and noted", async () => {
    const folder = newRepository({ "a.py": "lost", "b.py": "kept" });
    const blob = git(folder, "rev-parse", "HEAD:a.py");
    rmSync(join(folder, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    const source = await open(folder);
    const files = await list(source);
    expect(files.map(({ path, kind }) => `${path} ${kind}`)).toEqual(["a.py unreadable", "b.py file"]);
    expect(source.notes.join()).toContain("missing");
    await expect(files[0]?.read()).rejects.toMatchObject({ code: "repository_unreadable" });
    expect(Buffer.from((await files[1]?.read()) ?? []).toString()).toBe("kept");
  });

  test("a damaged blob fails its own read and no other, however many wait", async () => {
    const names = Array.from({ length: 40 }, (_, i) => `f${String(i).padStart(2, "0")}.py`);
    const folder = newRepository(
      Object.fromEntries(names.map((name) => [name, `${name}\n${"0123456789 line of text\n".repeat(400)}${Math.E * name.length}`])),
    );
    for (const name of ["f05.py", "f20.py"]) {
      const blob = git(folder, "rev-parse", `HEAD:${name}`);
      const file = join(folder, ".git/objects", blob.slice(0, 2), blob.slice(2));
      rmSync(file + ".x", { force: true });
      const half = Math.floor(readFileSync(file).length / 2);
      execFileSync("chmod", ["u+w", file]);
      truncateSync(file, half);
    }
    const source = await open(folder);
    const files = await list(source);
    const results = await Promise.allSettled(files.map((file) => file.read()));
    const failed = files.flatMap((file, i) => (results[i]?.status === "rejected" ? [file.path] : []));
    expect(failed).toEqual(["f05.py", "f20.py"]);
    const whole = results.flatMap((result) =>
      result.status === "fulfilled" ? [Buffer.from(result.value).toString().split("\n", 1)[0]] : [],
    );
    expect(whole).toEqual(names.filter((name) => name !== "f05.py" && name !== "f20.py"));
  });

  test("a tree made by hand cannot lead out of the tree", async () => {
    const folder = newRepository({ "ok.py": "ok" });
    const blob = git(folder, "rev-parse", "HEAD:ok.py");
    const target = execFileSync("git", ["-C", folder, "hash-object", "-w", "--stdin"], { input: "/etc", encoding: "utf8" }).trim();
    const inner = mktree(folder, [["100644", "passwd", blob]]);
    const evil = mktree(folder, [
      ["40000", "..", inner],
      ["40000", ".GIT", inner],
      ["100644", ".git", blob],
      ["120000", "a", target],
      ["40000", "a", inner],
      ["100644", "ok.py", blob],
      ["100644", "ok.py", target],
    ]);
    const commit = git(folder, "commit-tree", evil, "-m", "Evil");
    const source = await open(folder, commit);
    expect((await list(source)).map(({ path, kind }) => `${path} ${kind}`)).toEqual(["a symlink", "ok.py file"]);
    expect(source.notes.join(" ")).toMatch(/3 files with a name that no work tree can hold.*2 files whose name another file takes/);
  });
});

/** `git mktree` would refuse such names, so the object is written as bytes (gitformat: `mode SP name NUL id`). */
function mktree(folder: string, entries: readonly (readonly [mode: string, name: string, id: string])[]): string {
  const bytes = Buffer.concat(entries.map(([mode, name, id]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")])));
  return execFileSync("git", ["-C", folder, "hash-object", "-w", "-t", "tree", "--literally", "--stdin"], {
    input: bytes,
    encoding: "utf8",
  }).trim();
}

describe("a hostile repository", () => {
  test("runs nothing of its own: hooks, fsmonitor, filters, pager, signature check, external diff, promisor remote", async () => {
    const folder = newRepository({ "a.py": "a", ".gitattributes": "*.py filter=evil diff=evil\n" });
    const canary = join(newFolder(), "canary");
    const script = join(newFolder(), "evil.sh");
    writeFileSync(script, `#!/bin/sh\necho "$0 $*" >> '${canary}'\ncat\n`, { mode: 0o755 });
    for (const hook of ["post-checkout", "post-index-change", "pre-commit", "reference-transaction"]) {
      writeFileSync(join(folder, ".git/hooks", hook), `#!/bin/sh\necho hook >> '${canary}'\n`, { mode: 0o755 });
    }
    appendFileSync(
      join(folder, ".git/config"),
      [
        `[core]\n\tfsmonitor = ${script}\n\tpager = ${script}\n\tsshCommand = ${script}\n\talternateRefsCommand = ${script}\n\thooksPath = .git/hooks`,
        `[filter "evil"]\n\tclean = ${script}\n\tsmudge = ${script}\n\tprocess = ${script}\n\trequired = true`,
        `[diff "evil"]\n\ttextconv = ${script}\n\tcommand = ${script}`,
        `[diff]\n\texternal = ${script}`,
        `[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${script}`,
        `[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n[protocol "file"]\n\tallow = always`,
        `[remote "origin"]\n\turl = ext::${script}\n\tpromisor = true\n\tuploadpack = ${script}\n[extensions]\n\tpartialClone = origin`,
        `[alias]\n\trev-parse = !${script}\n\tls-tree = !${script}`,
        "",
      ].join("\n"),
    );
    const lost = git(newRepository({ x: "y" }), "rev-parse", "HEAD:x");
    write(folder, { "a.py": "changed" });
    const source = await open(folder);
    expect(await contents(source)).toEqual({ ".gitattributes": "*.py filter=evil diff=evil\n", "a.py": "a" });
    await source.changeTexts(10);
    expect((await refusal(folder, lost)).code).toBe("repository_commit_unknown");
    expect(existsSync(canary)).toBe(false);
    // The bait is good: git itself does take it.
    spawnSync("git", ["-C", folder, "status"], { env: { PATH: process.env["PATH"], HOME: folder } });
    expect(existsSync(canary)).toBe(true);
  });

  test("is not written to", async () => {
    const folder = newRepository({ "a.py": "a" });
    utimesSync(join(folder, "a.py"), 1, 1);
    const before = snapshotOf(folder);
    const source = await open(folder);
    await contents(source);
    await source.changeTexts(10);
    await source.close();
    expect(snapshotOf(folder)).toEqual(before);
  });

  test("replacement refs do not change what a commit holds", async () => {
    const folder = newRepository({ "a.py": "true" });
    const real = git(folder, "rev-parse", "HEAD:a.py");
    const fake = execFileSync("git", ["-C", folder, "hash-object", "-w", "--stdin"], { input: "false", encoding: "utf8" }).trim();
    git(folder, "replace", real, fake);
    expect(await contents(await open(folder))).toEqual({ "a.py": "true" });
  });

  test("of another owner is read all the same", async ({ skip }) => {
    if (process.getuid?.() !== 0) skip("needs root, to give a folder away");
    const folder = newRepository({ "a.py": "a" });
    execFileSync("chown", ["-R", "65534:65534", folder]);
    expect(await contents(await open(folder))).toEqual({ "a.py": "a" });
  });

  test("the caller's GIT_ variables do not redirect the reading", async () => {
    const folder = newRepository({ "a.py": "mine" });
    const other = newRepository({ "a.py": "other" });
    process.env["GIT_DIR"] = join(other, ".git");
    try {
      expect(await contents(await open(folder))).toEqual({ "a.py": "mine" });
    } finally {
      delete process.env["GIT_DIR"];
    }
  });
});

function snapshotOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => execFileSync("stat", ["-c", "%n %s %Y %Z %a", path], { encoding: "utf8" }));
}

/** Process ids of this process's own git children (proc(5)). */
function gitChildren(): string[] {
  return execFileSync("ps", ["-o", "pid=,comm=", "--ppid", String(process.pid)], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.trimEnd().endsWith(" git"));
}

describe("life", () => {
  test("closing leaves no process and no temporary folder; closing twice is fine", async () => {
    const temporary = newFolder();
    const [folder, plain] = [newRepository({ "a.py": "a" }), newFolder()];
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = temporary;
    try {
      const source = await open(folder);
      await contents(source);
      expect(readdirSync(temporary)).toHaveLength(1);
      expect(gitChildren()).toHaveLength(1);
      const files = await list(source);
      await source.close();
      await source.close();
      expect(readdirSync(temporary)).toEqual([]);
      expect(gitChildren()).toEqual([]);
      await expect(files[0]?.read()).rejects.toThrow("closed");
      await refusal(plain, "v1");
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });

  test("a program that forgets to close still ends, and leaves nothing behind", () => {
    const folder = newRepository({ "a.py": "a" });
    const temporary = newFolder();
    const driver = join(import.meta.dirname, "../../../drivers/git/index.ts");
    const program = `
      const { openRepository } = await import(${JSON.stringify(driver)});
      const source = await openRepository(${JSON.stringify(folder)});
      for await (const file of source.files()) console.log(file.path, (await file.read()).length);`;
    const ran = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      timeout: 20_000,
      env: { ...process.env, TMPDIR: temporary },
    });
    expect(readdirSync(temporary)).toEqual([]);
    expect({ out: ran.stdout, status: ran.status }).toEqual({ out: "a.py 1\n", status: 0 });
  });

  test("a large file comes whole", async () => {
    const big = Buffer.alloc(30_000_000, "0123456789abcdef\n");
    const folder = newFolder();
    git(folder, "init", "-q");
    mkdirSync(join(folder, "d"));
    writeFileSync(join(folder, "d/big"), big);
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "Big");
    const [file] = await list(await open(folder));
    expect(file?.size).toBe(big.length);
    expect(big.equals(await file!.read())).toBe(true);
  });
});
