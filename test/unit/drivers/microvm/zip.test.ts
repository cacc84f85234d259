import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zip, type ZipEntry } from "../../../../drivers/microvm/zip.ts";
import { unzip } from "../../../microvm/unzip.ts";
import { removeFolderSync, temporaryFolder } from "../../../folder.ts";

const run = promisify(execFile);

async function archive(entries: readonly ZipEntry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of zip(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("an image's archive", () => {
  test("holds its files exactly, given whole or in pieces", async () => {
    const file = fc.record({
      bytes: fc.uint8Array({ maxLength: 2_000 }),
      size: fc.option(fc.integer({ min: 1, max: 700 }), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-zé]{1,6}(\/[a-zé]{1,6})?$/), file, { maxKeys: 5 }), async (files) => {
        const entries = Object.entries(files).map(([name, { bytes, size }]) => ({
          name,
          content: size === null ? bytes : pieces(bytes, size),
        }));
        const found = unzip(await archive(entries));
        expect([...found.keys()]).toEqual(Object.keys(files));
        for (const [name, { bytes }] of Object.entries(files)) expect(found.get(name)!.equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test("is read by another program, checksums and all", async () => {
    const folder = temporaryFolder();
    try {
      const content = Buffer.from("line\n".repeat(50_000));
      const bytes = await archive([
        { name: "Dockerfile", content: Buffer.from("FROM x\n") },
        { name: "deep/repository.pack", content: pieces(content, 10_000) },
      ]);
      writeFileSync(path.join(folder, "image.zip"), bytes);
      const script =
        "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nprint(z.testzip(), [(i.filename, i.file_size) for i in z.infolist()])";
      const { stdout } = spawnSync("python3", ["-c", script, path.join(folder, "image.zip")], { encoding: "utf8" });
      expect(stdout.trim()).toBe(`None [('Dockerfile', 7), ('deep/repository.pack', ${content.length})]`);
    } finally {
      removeFolderSync(folder);
    }
  });

  test("of the same files is the same, wherever it is made", async () => {
    const script = `
      import { zip } from "./drivers/microvm/zip.ts";
      async function* pieces() { yield Buffer.from("b"); }
      const entries = [{ name: "a", content: Buffer.from("a") }, { name: "b", content: pieces() }];
      for await (const bytes of zip(entries)) process.stdout.write(bytes);`;
    const made = ["Asia/Tokyo", "America/Lima"].map(async (TZ) => {
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { env: { TZ }, encoding: "buffer" });
      return stdout;
    });
    const [east, west] = await Promise.all(made);
    expect([...unzip(east!).keys()]).toEqual(["a", "b"]);
    expect(east).toEqual(west);
  });

  test("fails as its source does", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("begun");
      throw new Error("the repository changed");
    }
    await expect(archive([{ name: "a", content: failing() }])).rejects.toThrow("the repository changed");
  });

  test("that nobody reads to its end leaves its source alone", async () => {
    let isLeft = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield randomBytes(65_536);
      } finally {
        isLeft = true;
      }
    }
    let size = 0;
    for await (const bytes of zip([{ name: "a", content: endless() }])) {
      size += bytes.length;
      if (size > 1_000_000) break;
    }
    await expect.poll(() => isLeft).toBe(true);
  });
});
