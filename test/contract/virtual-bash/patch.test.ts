import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyPatch } from "../../../drivers/virtual-bash/patch/apply-patch.ts";
import { changedFiles } from "../../../drivers/virtual-bash/patch/changed-files.ts";
import type { Blob } from "../../../drivers/virtual-bash/patch/changed-files.ts";
import { quotePath, unquotePath } from "../../../drivers/virtual-bash/patch/quote-path.ts";
import { writePatch } from "../../../drivers/virtual-bash/patch/write-patch.ts";
import type { BaseTree } from "../../../drivers/virtual-bash/tree/base-tree.ts";
import { createOverlay } from "../../../drivers/virtual-bash/tree/overlay.ts";
import { putBlob } from "../../../drivers/virtual-bash/patch/changed-files.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

type Tree = Readonly<Record<string, Blob>>;

const NO_LIMITS = { maxBytes: 1e9, maxFileBytes: 1e9, maxEntries: 1e6 };
const EMPTY: BaseTree = {
  root: "/testbed",
  get: (path) => (path === "/testbed" ? { kind: "directory" } : undefined),
  children: () => new Set(),
  read: () => new Uint8Array(),
  paths: () => [],
  close: () => {},
};

/** A base that holds the tree: built through an overlay on nothing, whose files then answer as the base's. */
function baseOf(tree: Tree): BaseTree {
  const made = createOverlay(EMPTY, new Map(), NO_LIMITS);
  for (const [path, blob] of Object.entries(tree)) putBlob(made, `/testbed/${path}`, blob);
  return {
    ...EMPTY,
    get: (path) => {
      const node = path.startsWith("/testbed") ? made.at(path) : null;
      if (node === null) return undefined;
      if (node.kind === "directory") return { kind: "directory" };
      if (node.kind === "symlink") return { kind: "symlink", target: made.readlink(path) };
      return { kind: "file", executable: (node.mode & 0o100) !== 0, offset: names.push(path) - 1, size: node.size };
    },
    children: (path) =>
      new Set(
        made.lookup(path, false)?.node.kind === "directory" && path.startsWith("/testbed")
          ? made.readdir(path).map((entry) => entry.name)
          : [],
      ),
    read: (entry) => made.read(names[entry.offset] ?? ""),
  };
}
const names: string[] = [];

function changed(before: Tree, after: Tree) {
  const overlay = createOverlay(baseOf(before), new Map(), NO_LIMITS);
  for (const path of Object.keys(before)) if (!(path in after)) putBlob(overlay, `/testbed/${path}`, null);
  for (const [path, blob] of Object.entries(after)) putBlob(overlay, `/testbed/${path}`, blob);
  return overlay;
}

const text = (content: string, mode: Blob["mode"] = "100644"): Blob => ({ mode, content: Buffer.from(content) });

const line = fc.constantFrom(
  "a",
  "b",
  "  c",
  "",
  "-x",
  "+y",
  "@@ -1 +1 @@",
  "diff --git a/x b/x",
  "\\ No newline at end of file",
  "é",
  "--- a/x",
  "\r",
  "x\r",
  "\f",
  "\u2028",
);
const textual = fc
  .tuple(fc.array(line, { maxLength: 25 }), fc.boolean())
  .map(([lines, ended]) => Buffer.from(lines.join("\n") + (ended ? "\n" : "")));
const content = fc.oneof(
  { weight: 6, arbitrary: textual },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
);
const blob: fc.Arbitrary<Blob> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ mode: fc.constantFrom<Blob["mode"]>("100644", "100755"), content }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("f", "../x", "missing").map((target): Blob => ({ mode: "120000", content: Buffer.from(target) })),
  },
);
const path = fc.constantFrom("f", "g.txt", "d/h", "d/e/i.py", "sp ace.txt", "naïve", 'quo"te', "back\\slash", "tab\tname", "日本/語");
const tree = fc.dictionary(path, blob, { maxKeys: 6, noNullPrototype: true });

test("a patch put onto the same base gives the same tree", () => {
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      const patch = writePatch(changedFiles(changed(before, after)));
      const overlay = createOverlay(baseOf(before), new Map(), NO_LIMITS);
      applyPatch(overlay, patch);
      expect(Buffer.from(writePatch(changedFiles(overlay))).toString("latin1")).toBe(Buffer.from(patch).toString("latin1"));
      for (const [name, { content: bytes, mode }] of Object.entries(after)) {
        const found = mode === "120000" ? Buffer.from(overlay.readlink(`/testbed/${name}`)) : Buffer.from(overlay.read(`/testbed/${name}`));
        expect(found.equals(bytes)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test("real git applies the patch and arrives at the same tree", () => {
  const directory = temporaryFolder();
  let count = 0;
  try {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        const patch = writePatch(changedFiles(changed(before, after)));
        const root = join(directory, String(count++));
        mkdirSync(root);
        writeTree(root, before);
        if (patch.length > 0)
          execFileSync("git", ["apply", "--whitespace=nowarn", "-"], {
            cwd: root,
            input: patch,
            stdio: ["pipe", "pipe", "pipe"],
            env: { ...process.env, GIT_DIR: join(directory, "none"), GIT_CEILING_DIRECTORIES: directory },
          });
        for (const [name, expected] of Object.entries(after))
          expect(readBlob(join(root, name))).toEqual({ mode: expected.mode, content: Buffer.from(expected.content) });
        const gone = Object.keys(before).filter((name) => !(name in after));
        for (const name of gone) expect(() => lstatSync(join(root, name))).toThrow(/ENOENT|ENOTDIR/);
      }),
      { numRuns: 60 },
    );
  } finally {
    removeFolderSync(directory);
  }
});

function writeTree(root: string, entries: Tree): void {
  for (const [name, { mode, content: bytes }] of Object.entries(entries)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    if (mode === "120000") symlinkSync(Buffer.from(bytes).toString(), join(root, name));
    else writeFileSync(join(root, name), bytes);
    if (mode === "100755") chmodSync(join(root, name), 0o755);
  }
}

function readBlob(file: string): Blob {
  const stat = lstatSync(file);
  if (stat.isSymbolicLink()) return { mode: "120000", content: Buffer.from(readlinkSync(file)) };
  return { mode: (stat.mode & 0o100) === 0 ? "100644" : "100755", content: readFileSync(file) };
}

test("a one-line edit of a file with CRLF and tabs gives a one-line patch", () => {
  const overlay = changed({ f: text("a\r\n\tb\r\nc\r\nd\r\ne\r\nf\r\n") }, { f: text("a\r\n\tb\r\nC\r\nd\r\ne\r\nf\r\n") });
  const patch = Buffer.from(writePatch(changedFiles(overlay))).toString();
  expect(patch).toBe(
    "diff --git a/f b/f\nindex 1bde567..a9e9bb1 100644\n--- a/f\n+++ b/f\n@@ -1,6 +1,6 @@\n a\r\n \tb\r\n-c\r\n+C\r\n d\r\n e\r\n f\r\n".replace(
      /index .*/,
      /index .*/.exec(patch)?.[0] ?? "",
    ),
  );
});

test("new files that .gitignore names are left out; the deepest file decides; an ignored folder stays ignored", () => {
  const base: Tree = {
    ".gitignore": text("*.log\nbuild/\n/top\n!keep.log\n"),
    "sub/.gitignore": text("!wanted.log\nlocal\n"),
    "tracked.log": text("1\n"),
  };
  const made = [
    "a.log",
    "keep.log",
    "sub/wanted.log",
    "sub/other.log",
    "build/keep.log",
    "sub/build/x",
    "top",
    "sub/top",
    "sub/local",
    "local",
  ];
  const overlay = changed(base, { ...base, "tracked.log": text("2\n"), ...Object.fromEntries(made.map((name) => [name, text("x\n")])) });
  expect(changedFiles(overlay).map((file) => file.path)).toEqual(["keep.log", "local", "sub/top", "sub/wanted.log", "tracked.log"]);
});

const lines = (mark: string): Blob => text(Array.from({ length: 20_000 }, (_, i) => `${mark}${i}`).join("\n"));

test("a file that was replaced wholly still gets a patch in bounded time, and it applies", () => {
  const before: Tree = { big: lines("a") };
  const patch = writePatch(changedFiles(changed(before, { big: lines("b") })));
  const overlay = createOverlay(baseOf(before), new Map(), NO_LIMITS);
  applyPatch(overlay, patch);
  expect(Buffer.from(overlay.read("/testbed/big")).equals(Buffer.from(lines("b").content))).toBe(true);
});

test("a patch for another base is refused", () => {
  const patch = writePatch(changedFiles(changed({ f: text("a\n") }, { f: text("b\n") })));
  expect(() => applyPatch(createOverlay(baseOf({ f: text("c\n") }), new Map(), NO_LIMITS), patch)).toThrow(/line 1 of f/);
  expect(() => applyPatch(createOverlay(baseOf({}), new Map(), NO_LIMITS), patch)).toThrow(/no f/);
});

test("quoting a path and back changes nothing", () => {
  const anyName = fc.string({
    unit: fc.oneof(fc.constantFrom('"', "\\", "\t", "\n", "7", "é"), fc.string({ minLength: 1, maxLength: 1 })),
  });
  fc.assert(
    fc.property(anyName, (name) => {
      expect(unquotePath(quotePath(`a/${name}`))).toBe(`a/${name}`);
    }),
  );
});
