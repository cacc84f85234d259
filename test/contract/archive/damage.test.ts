import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";

import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { InputError } from "../../../core/errors/index.ts";
import { newRepository } from "../repository/fixture.ts";
import { zipOf } from "./bytes.ts";
import { open, seen, type SeenFile } from "./open.ts";

const TREE = {
  "src/a.py": "def f():\n    return 1\n".repeat(60),
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
});

type Outcome = { readonly files: Record<string, SeenFile> } | { readonly code: string };

const CODES = /^(archive_(format|too_large|unreadable|unsafe)|repository_(empty|commit_unknown|unreadable))$/;

/** What a person gets; anything but files or a refusal is thrown. `open` looks for what was written elsewhere or left behind. */
async function outcome(bytes: Uint8Array): Promise<Outcome> {
  try {
    const source = await open(bytes);
    const files = await seen(source);
    await source.close();
    return { files };
  } catch (error) {
    if (error instanceof InputError && CODES.test(error.code)) return { code: error.code };
    throw error;
  }
}

/**
 * What a format vouches for, of the files that came out; of the undamaged ones where it was refused. A zip has checksums over
 * contents, and names twice, but modes once and bare, so that a file can become a pipe; a tar's contents stand bare.
 */
function vouchedFor(kind: string, found: Outcome): unknown {
  const files = "files" in found ? found.files : whole;
  if (kind === "zip") return Object.entries(files).filter(([path, { content }]) => whole[path]?.content !== content);
  return kind === "tar.gz" || kind === "bundle" ? files : null;
}

const KINDS = ["tar.gz", "tar.zst", "tar", "zip", "bundle"];

describe.each(KINDS)("a %s", (kind) => {
  test("cut off anywhere is refused, or whole", async () => {
    const bytes = archives.get(kind)!;
    expect(await outcome(bytes)).toEqual({ files: whole });
    const lengths = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) => i * 1000);
    for (const length of [...lengths, bytes.length - 1, bytes.length - 7, 1, 100]) {
      const found = await outcome(bytes.subarray(0, length));
      const isWhole = "files" in found && isDeepStrictEqual(found.files, whole);
      // Behind the last entry of a tar there is only padding.
      expect("code" in found ? found.code : `${kind} ${isWhole ? "whole" : "cut off"}`).toMatch(
        /^archive_(unreadable|format)$|^tar\S* whole$/,
      );
    }
  });

  test("with anything in it altered is refused, or the same as far as the format can tell", async () => {
    const bytes = archives.get(kind)!;
    const flips = fc.array(fc.record({ at: fc.nat(bytes.length - 1), bit: fc.nat(7) }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(flips, async (altered) => {
        const damaged = Buffer.from(bytes);
        for (const { at, bit } of altered) damaged[at]! ^= 1 << bit;
        expect(vouchedFor(kind, await outcome(damaged))).toEqual(vouchedFor(kind, { files: whole }));
      }),
      { numRuns: 100 },
    );
  });

  test("with pieces of it in another order, doubled or left out is refused, or files", async () => {
    const bytes = archives.get(kind)!;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.nat(bytes.length), fc.nat(bytes.length), async (a, b, c) => {
        const [from = 0, to = 0] = [a, b].toSorted((x, y) => x - y);
        const doubled = await outcome(Buffer.concat([bytes.subarray(0, c), bytes.subarray(from, to), bytes.subarray(c)]));
        const cut = await outcome(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
        expect([vouchedFor(kind, doubled), vouchedFor(kind, cut)]).toHaveLength(2);
      }),
      { numRuns: 30 },
    );
  });
});

test("bytes of no meaning behind each of the beginnings that are known", async () => {
  const beginnings = ["\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "PK\x03\x04", "PK\x05\x06", "# v2 git bundle\n", "# v3 git bundle\n", ""];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 3000 }), async (beginning, rest) => {
      expect(await outcome(Buffer.concat([Buffer.from(beginning, "latin1"), rest]))).toHaveProperty("code");
    }),
    { numRuns: 120 },
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
      const isClash = all.some((path) => all.some((other) => other.startsWith(`${path}/`)));
      const found = await outcome(zipOf(all.map((path) => ({ name: path, content }))));
      const contents = "files" in found ? Object.values(found.files).map((file) => file.content) : found.code;
      expect(contents).toEqual(isClash ? "archive_unsafe" : all.map(() => Buffer.from(content).toString("latin1")));
    }),
    { numRuns: 100 },
  );
});
