import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";

import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { InputError } from "../../../core/errors/index.ts";
import { git, newRepository } from "../repository/fixture.ts";
import { zipOf } from "./bytes.ts";
import { open, seen, type SeenFile } from "./open.ts";

const TREE = {
  "src/a.py": `${"def f():\n    return 1\n".repeat(60)}`,
  "src/b.py": "x = 2\n",
  "noise.bin": randomBytes(24_000),
  "é.txt": "é",
};

const archives = new Map<string, Buffer>();
let whole: Record<string, SeenFile>;

beforeAll(async () => {
  const folder = newRepository(TREE);
  const run = (...args: string[]): Buffer =>
    execFileSync("git", args, { cwd: folder, maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "pipe"] });
  const tar = run("archive", "--format=tar", "HEAD");
  archives.set("tar.gz", gzipSync(tar));
  archives.set("tar.zst", zstdCompressSync(tar));
  archives.set("tar", tar);
  archives.set("zip", run("archive", "--format=zip", "HEAD"));
  archives.set("bundle", run("bundle", "create", "-q", "-", "HEAD"));
  whole = await seen(await open(archives.get("tar")!));
  expect(git(folder, "status", "--short")).toBe("");
});

type Outcome = { readonly files: Record<string, SeenFile> } | { readonly code: string };

/** What a person gets; anything but files or a refusal is thrown. `open` looks for what was written elsewhere or left behind. */
async function outcome(bytes: Uint8Array): Promise<Outcome> {
  try {
    const source = await open(bytes);
    const files = await seen(source);
    await source.close();
    return { files };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.code).toMatch(/^(archive_(format|too_large|unreadable|unsafe)|repository_(empty|commit_unknown|unreadable))$/);
    return { code: error.code };
  }
}

describe.each(["tar.gz", "tar.zst", "tar", "zip", "bundle"])("a %s", (kind) => {
  test("cut off anywhere is refused, or whole", async () => {
    const bytes = archives.get(kind)!;
    expect(await outcome(bytes)).toEqual({ files: whole });
    const lengths = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) => i * 1000);
    for (const length of [...lengths, bytes.length - 1, bytes.length - 7, 1, 100]) {
      const found = await outcome(bytes.subarray(0, length));
      if ("files" in found) expect([kind, found.files]).toEqual([expect.stringMatching(/^tar/), whole]);
      else expect(found.code).toMatch(/^archive_(unreadable|format)$/);
    }
  });

  test("with anything in it altered is refused, or the same, or one that says of itself what it now holds", async () => {
    const bytes = archives.get(kind)!;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(bytes.length - 1), bit: fc.nat(7) }), { minLength: 1, maxLength: 3 }),
        async (flips) => {
          const damaged = Buffer.from(bytes);
          for (const { at, bit } of flips) damaged[at]! ^= 1 << bit;
          const found = await outcome(damaged);
          if ("code" in found) return;
          if (kind === "tar.gz" || kind === "bundle") expect(found.files).toEqual(whole);
          // A zip has checksums over contents, and names twice, but modes once and bare; a tar's contents stand bare.
          if (kind === "zip") expect(contentsOf(found.files)).toEqual(contentsOf(whole));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("with pieces of it in another order, doubled or left out is refused, or files", async () => {
    const bytes = archives.get(kind)!;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.nat(bytes.length), fc.nat(bytes.length), async (a, b, c) => {
        const [from = 0, to = 0] = [a, b].toSorted((x, y) => x - y);
        await outcome(Buffer.concat([bytes.subarray(0, c), bytes.subarray(from, to), bytes.subarray(c)]));
        await outcome(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
      }),
      { numRuns: 40 },
    );
  });
});

const contentsOf = (files: Record<string, SeenFile>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).flatMap(([path, { kind, content }]) => (kind === "unreadable" ? [] : [[path, content]])));

test("bytes of no meaning behind each of the beginnings that are known", async () => {
  const beginnings = ["\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "PK\x03\x04", "PK\x05\x06", "# v2 git bundle\n", "# v3 git bundle\n", ""];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 3000 }), async (beginning, rest) => {
      expect(await outcome(Buffer.concat([Buffer.from(beginning, "latin1"), rest]))).toHaveProperty("code");
    }),
    { numRuns: 200 },
  );
});

test("any tree comes back out of a zip as it was put in", async () => {
  const name = fc.stringMatching(/^[a-zé ._-]{1,8}$/).filter((part) => !/^\.{1,2}$|^\.git$/i.test(part));
  const paths = fc.uniqueArray(
    fc.array(name, { minLength: 2, maxLength: 3 }).map((parts) => `t/${parts.join("/")}`),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(paths, fc.uint8Array({ maxLength: 300 }), async (all, content) => {
      const clash = all.some((path) => all.some((other) => other.startsWith(`${path}/`)));
      const found = await outcome(zipOf(all.map((path) => ({ name: path, content }))));
      if (clash) expect(found).toEqual({ code: "archive_unsafe" });
      else
        expect("files" in found && Object.values(found.files).map((file) => file.content)).toEqual(
          all.map(() => Buffer.from(content).toString("latin1")),
        );
    }),
    { numRuns: 100 },
  );
});
