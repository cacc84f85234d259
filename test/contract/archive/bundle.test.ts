import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { git, list, newFolder, newRepository, open as openFolder, write } from "../repository/fixture.ts";
import { bundleOf, commitText, deltaSize, objectId, packItem, packOf, treeItem, type PackItem } from "./bytes.ts";
import { codeOf, open, refusal, seen } from "./open.ts";

function bundle(folder: string, ...args: string[]): Buffer {
  const isVersion = (arg: string): boolean => arg.startsWith("--version");
  const order = [...args.filter(isVersion), "-", ...args.filter((arg) => !isVersion(arg))];
  return execFileSync("git", ["bundle", "create", "-q", ...order], { cwd: folder, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
}

const BODY = "Totals were off by a cent whenever two lines shared a tax rate.\nThe report now agrees with the ledger.";

/** Two lines of development with merges, tags, deltas and a submodule. */
function history(): string {
  const folder = newRepository({ "a.py": "one\n".repeat(400), "sub/b.py": "b" });
  for (let i = 0; i < 30; i++) {
    write(folder, { "a.py": `${"one\n".repeat(200)}${i}\n${"two\n".repeat(200)}`, [`sub/${i % 7}.py`]: `x = ${i}\n` });
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", `Change ${i} (#${i})\n\n${BODY}`, `--date=${1_700_000_000 + i}`);
    if (i === 10) git(folder, "tag", "light");
    if (i === 20) git(folder, "tag", "-a", "annotated", "-m", "A tag");
  }
  git(folder, "checkout", "-q", "-b", "side", "light");
  write(folder, { "side.py": "s" });
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", `Side\n\n${BODY} On the side.`);
  git(folder, "checkout", "-q", "main");
  git(folder, "merge", "-q", "--no-ff", "-m", `Merge the side\n\n${BODY} Merged.`, "side");
  git(folder, "update-index", "--add", "--cacheinfo", `160000,${git(folder, "rev-parse", "light")},vendored/module`);
  git(folder, "commit", "-qm", "A module");
  return folder;
}

describe("a bundle is read as git reads the repository", () => {
  test("every way to name a commit", async () => {
    const folder = history();
    git(folder, "repack", "-adfq", "--depth=50");
    const bytes = bundle(folder, "HEAD", "--branches", "--tags");
    const id = git(folder, "rev-parse", "light");
    for (const commit of [
      "HEAD",
      "main",
      "side",
      "refs/heads/side",
      "light",
      "annotated",
      "tags/annotated",
      id,
      id.slice(0, 9),
      id.toUpperCase(),
    ]) {
      const expected = await openFolder(folder, commit);
      const source = await open(bytes, { commit });
      expect(source.commit).toBe(expected.commit);
      expect(await seen(source)).toEqual(await seen(expected));
      expect(source.notes).toEqual(expected.notes);
      expect(await source.changeTexts(100)).toEqual(await expected.changeTexts(100));
    }
    expect((await open(bytes)).notes).toEqual(["1 submodule is listed but not read: the files are not in this commit."]);
  });

  test("of sha256, and with bases that are named by their ids", async () => {
    const folder = newFolder();
    git(folder, "init", "-q", "--object-format=sha256");
    write(folder, { "a.py": "a", "b/c.py": "c" });
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", `First\n\n${BODY}`);
    const source = await open(bundle(folder, "--version=3", "HEAD"));
    expect(source.commit).toBe(git(folder, "rev-parse", "HEAD"));
    expect(Object.keys(await seen(source))).toEqual(["a.py", "b/c.py"]);

    const byId = history();
    git(byId, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50");
    const named = await open(bundle(byId, "HEAD"));
    expect(await seen(named)).toEqual(await seen(await openFolder(byId)));
  });

  test("without a HEAD its only branch counts, and of several one must be named", async () => {
    const folder = history();
    const source = await open(bundle(folder, "side"));
    expect(source.commit).toBe(git(folder, "rev-parse", "side"));
    expect(source.notes).toEqual(["The bundle has no HEAD; its only branch side is used."]);
    const error = await refusal(bundle(folder, "--branches", "--tags"));
    expect(error.code).toBe("repository_commit_unknown");
    for (const name of ["main", "side", "light", "annotated"]) expect(error.hint).toContain(name);
  });

  test("a commit that is not in it", async () => {
    const folder = history();
    const bytes = bundle(folder, "HEAD", "main");
    const blob = git(folder, "rev-parse", "HEAD:a.py");
    for (const commit of ["nothing", "HEAD~1", "main^", "abc", "f".repeat(40), blob, "", "../HEAD"]) {
      const error = await refusal(bytes, { commit });
      expect([error.code, error.hint]).toEqual(["repository_commit_unknown", expect.stringContaining("here are HEAD, main")]);
    }
  });

  test("a part of a history is refused with the command for all of it", async () => {
    const folder = history();
    const error = await refusal(bundle(folder, "light..main"));
    expect([error.code, error.message]).toEqual([
      "archive_unreadable",
      expect.stringContaining(git(folder, "rev-parse", "light").slice(0, 12)),
    ]);
    expect(error.hint).toContain("git bundle create repo.bundle HEAD --branches --tags");
    expect((await refusal(bundle(folder, "--version=3", "--filter=blob:none", "HEAD"))).message).toContain("blob:none");
  });

  test("of a shallow clone: what there is", async () => {
    const folder = history();
    const clone = join(newFolder(), "clone");
    git(folder, "clone", "-q", "--depth=3", `file://${folder}`, clone);
    const source = await open(bundle(clone, "HEAD"));
    expect(await seen(source)).toEqual(await seen(await openFolder(folder)));
    expect(source.notes).toContainEqual(expect.stringContaining("submodule"));
    expect(await source.changeTexts(100)).toEqual(await (await openFolder(clone)).changeTexts(100));
  });
});

const BLOB = Buffer.from("content of a file\n");
const BLOB_ID = objectId("blob", BLOB);

/** A bundle of one commit over objects that are written by hand. */
function handmade(items: readonly PackItem[], tree: Buffer, head?: string): Buffer {
  const commit = commitText(objectId("tree", tree));
  const pack = packOf([...items, { type: "tree", content: tree }, { type: "commit", content: commit }]);
  return bundleOf([["HEAD", objectId("commit", commit)]], pack, head);
}

const blob: PackItem = { type: "blob", content: BLOB };
const plain = treeItem("100644", "a.py", BLOB_ID);

function deltaTo(base: Buffer, appended: Buffer): { content: Buffer; result: Buffer } {
  const result = Buffer.concat([base, appended]);
  const content = Buffer.concat([
    deltaSize(base.length),
    deltaSize(result.length),
    Buffer.from([0x90, base.length]),
    Buffer.from([appended.length]),
    appended,
  ]);
  return { content, result };
}

describe("a bundle made by hand", () => {
  test("the measure: it is read", async () => {
    expect((await seen(await open(handmade([blob], plain))))["a.py"]?.content).toBe(BLOB.toString());
  });

  test("deltas of both kinds, whatever their order", async () => {
    const { content, result } = deltaTo(BLOB, Buffer.from("more\n"));
    const again = deltaTo(result, Buffer.from("and more\n"));
    const tree = Buffer.concat([
      treeItem("100644", "a", BLOB_ID),
      treeItem("100644", "b", objectId("blob", result)),
      treeItem("100644", "c", objectId("blob", again.result)),
    ]);
    const second: PackItem = { type: "id", content: again.content, base: objectId("blob", result) };
    const first: PackItem = { type: "id", content, base: BLOB_ID };
    const near: PackItem = { type: "offset", content, distance: packItem(blob).length };
    for (const items of [
      [second, first, blob],
      [blob, near, second],
      [second, blob, near],
    ]) {
      expect((await seen(await open(handmade(items, tree))))["c"]?.content).toBe(again.result.toString());
    }
  });

  test.each([
    ["a base that is not there", [{ type: "id", content: deltaTo(BLOB, BLOB).content, base: Buffer.alloc(20, 1) }]],
    ["a base before the pack", [{ type: "offset", content: deltaTo(BLOB, BLOB).content, distance: 9999 }]],
    ["a base that is no object", [blob, { type: "offset", content: deltaTo(BLOB, BLOB).content, distance: 3 }]],
    ["a base that is itself", [{ type: "offset", content: deltaTo(BLOB, BLOB).content, distance: 0 }]],
    ["a delta for another base", [blob, { type: "id", base: BLOB_ID, content: deltaTo(Buffer.from("x"), BLOB).content }]],
    [
      "a copy from beyond the base",
      [
        blob,
        {
          type: "id",
          base: BLOB_ID,
          content: Buffer.concat([deltaSize(BLOB.length), deltaSize(9), Buffer.from([0x91, BLOB.length - 3, 9])]),
        },
      ],
    ],
    [
      "a copy without its size",
      [blob, { type: "id", base: BLOB_ID, content: Buffer.concat([deltaSize(BLOB.length), deltaSize(9), Buffer.from([0x91, 1])]) }],
    ],
    ["a result that is not filled", [blob, { type: "id", base: BLOB_ID, content: Buffer.concat([deltaSize(BLOB.length), deltaSize(9)]) }]],
    [
      "the reserved instruction",
      [blob, { type: "id", base: BLOB_ID, content: Buffer.concat([deltaSize(BLOB.length), deltaSize(1), Buffer.from([0])]) }],
    ],
    ["sizes without end", [blob, { type: "id", base: BLOB_ID, content: Buffer.alloc(30, 0xff) }]],
    ["no delta at all", [blob, { type: "id", base: BLOB_ID, content: Buffer.alloc(0) }]],
    ["a size that is too small", [{ ...blob, size: 3 }]],
    ["a size that is too large", [{ ...blob, size: 300 }]],
  ] as [string, PackItem[]][])("%s", async (_name, items) => {
    expect(await codeOf(handmade(items, plain))).toBe("archive_unreadable");
  });

  test("packs that are not what they say", async () => {
    const commit = commitText(objectId("tree", plain));
    const refs = [["HEAD", objectId("commit", commit)]] as const;
    const items: PackItem[] = [blob, { type: "tree", content: plain }, { type: "commit", content: commit }];
    expect(Object.keys(await seen(await open(bundleOf(refs, packOf(items)))))).toEqual(["a.py"]);
    for (const pack of [
      packOf(items, { count: 4 }),
      packOf(items, { count: 2 }),
      packOf(items, { count: 0xffff_ffff }),
      packOf(items, { trailer: false }),
      Buffer.concat([packOf(items), Buffer.from("more")]),
      Buffer.alloc(0),
      Buffer.from("PACK"),
      Buffer.alloc(500),
    ]) {
      expect(await codeOf(bundleOf(refs, pack))).toBe("archive_unreadable");
    }
  });

  test("refs that name what is no commit, or nothing", async () => {
    const pack = packOf([blob, { type: "tree", content: plain }]);
    for (const id of [BLOB_ID, objectId("tree", plain), Buffer.alloc(20, 7)])
      expect(await codeOf(bundleOf([["HEAD", id]], pack))).toBe("archive_unreadable");
    expect(await codeOf(bundleOf([], pack))).toBe("repository_empty");
    const endless = Buffer.from(`object ${"0".repeat(40)}\ntype tag\ntag x\n\n`);
    expect(await codeOf(bundleOf([["HEAD", objectId("tag", endless)]], packOf([{ type: "tag", content: endless }])))).toBe(
      "archive_unreadable",
    );
  });

  test("headers that cannot be", async () => {
    const ok = handmade([blob], plain).toString("latin1");
    const altered = (from: string | RegExp, to: string): Buffer => Buffer.from(ok.replace(from, to), "latin1");
    for (const bytes of [
      altered("HEAD", "\n"),
      altered(/[0-9a-f]{40} HEAD/, "xyz HEAD"),
      altered(/[0-9a-f]{40} HEAD/, `${"a".repeat(39)} HEAD`),
      altered("# v2 git bundle\n", "# v3 git bundle\n@object-format=md5\n"),
      altered("# v2 git bundle\n", "# v3 git bundle\n@future=1\n"),
      altered("# v2 git bundle\n", "# v3 git bundle\n@object-format=sha256\n"),
      Buffer.from("# v2 git bundle\n"),
      Buffer.from(`# v2 git bundle\n${"x".repeat(20_000)}`),
    ]) {
      expect(["archive_unreadable", "repository_empty"]).toContain(await codeOf(bytes));
    }
  });

  test("trees that lead elsewhere are treated as git's are", async () => {
    const target = Buffer.from("/etc");
    const inner = treeItem("100644", "passwd", BLOB_ID);
    const id = objectId("tree", inner);
    const tree = Buffer.concat([
      treeItem("40000", "..", id),
      treeItem("40000", ".GIT", id),
      treeItem("100644", ".git", BLOB_ID),
      treeItem("120000", "a", objectId("blob", target)),
      treeItem("40000", "a", id),
      treeItem("100644", "x/../../y", BLOB_ID),
      treeItem("100644", "ok.py", BLOB_ID),
    ]);
    const source = await open(handmade([blob, { type: "blob", content: target }, { type: "tree", content: inner }], tree));
    expect(Object.entries(await seen(source)).map(([path, { kind }]) => `${path} ${kind}`)).toEqual(["a symlink", "ok.py file"]);
    expect(source.notes.join(" ")).toMatch(
      /1 file that links to a place outside.*4 files with a name that no work tree.*1 file whose name another file takes/,
    );
  });

  test("trees that are damaged, missing, or hold themselves many times over", async () => {
    for (const tree of [
      Buffer.from("100644 a.py\0short"),
      Buffer.from("no structure at all"),
      treeItem("40000", "lost", Buffer.alloc(20, 9)),
      treeItem("40000", "file", BLOB_ID),
    ]) {
      expect(await codeOf(handmade([blob], tree))).toBe("archive_unreadable");
    }
    const levels: PackItem[] = [blob];
    let tree: Buffer = Buffer.concat(Array.from({ length: 10 }, (_, i) => treeItem("100644", `f${i}`, BLOB_ID)));
    for (let level = 0; level < 9; level++) {
      levels.push({ type: "tree", content: tree });
      const id = objectId("tree", tree);
      tree = Buffer.concat(Array.from({ length: 10 }, (_, i) => treeItem("40000", `d${i}`, id)));
    }
    const error = await refusal(handmade(levels, tree), { limits: { entries: 50_000 } });
    expect([error.code, error.message]).toEqual(["archive_too_large", expect.stringContaining("50,000 entries")]);
    expect((await refusal(handmade(levels, tree), { limits: { unpackedBytes: 100_000 } })).message).toMatch(
      /files of its commit have more/,
    );
  });

  test("a chain of folders without end", async () => {
    const items: PackItem[] = [blob];
    let tree = plain;
    for (let depth = 0; depth < 3000; depth++) {
      items.push({ type: "tree", content: tree });
      tree = treeItem("40000", "d", objectId("tree", tree));
    }
    expect(await codeOf(handmade(items, tree))).toBe("archive_unsafe");
  });

  test("a file whose content is missing is listed as unreadable", async () => {
    const source = await open(handmade([blob], Buffer.concat([plain, treeItem("100644", "lost.py", Buffer.alloc(20, 9))])));
    const files = await list(source);
    expect(files.map(({ path, kind }) => [path, kind])).toEqual([
      ["a.py", "file"],
      ["lost.py", "unreadable"],
    ]);
    await expect(files[1]!.read()).rejects.toMatchObject({ code: "repository_unreadable" });
    expect(source.notes).toEqual([expect.stringContaining("missing from the repository")]);
  });

  test("objects that grow out of little are stopped by their size, their number and their work", async () => {
    const items: PackItem[] = [blob];
    let base = BLOB;
    for (let doubling = 0; doubling < 12; doubling++) {
      const result = Buffer.concat([base, base]);
      const copy = Buffer.from([0xb0, base.length & 0xff, base.length >> 8]);
      items.push({
        type: "id",
        base: objectId("blob", base),
        content: Buffer.concat([deltaSize(base.length), deltaSize(result.length), copy, copy]),
      });
      base = result;
    }
    const bytes = handmade(items, treeItem("100644", "big", objectId("blob", base)));
    expect((await seen(await open(bytes)))["big"]?.size).toBe(BLOB.length * 4096);
    for (const [limits, message] of [
      [{ objectBytes: 50_000 }, /an object in its history has 73,728 bytes/],
      [{ historyBytes: 100_000 }, /its history unpacks to more/],
      [{ objects: 3 }, /its history has 15 objects/],
    ] as const) {
      const error = await refusal(bytes, { limits });
      expect([error.code, error.message]).toEqual(["archive_too_large", expect.stringMatching(message)]);
      expect(error.hint).toContain("git archive");
    }
    const claimed = bundleOf([["HEAD", BLOB_ID]], packOf([{ ...blob, size: 2 ** 40 }]));
    expect(await codeOf(claimed)).toBe("archive_too_large");
  });

  test("a closed one says so", async () => {
    const source = await open(handmade([blob], plain));
    const files = await list(source);
    await source.close();
    await expect(files[0]!.read()).rejects.toThrow("closed");
  });
});
