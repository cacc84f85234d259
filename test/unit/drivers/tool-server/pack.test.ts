import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RepositoryFile, RepositorySource } from "../../../../core/survey/repository.ts";
import { packRepository, unpackRepository } from "../../../../drivers/tool-server/index.ts";

interface Entry {
  readonly path: string;
  readonly kind: RepositoryFile["kind"];
  readonly executable: boolean;
  readonly content: Uint8Array;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  path: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  kind: fc.constantFrom("file" as const, "symlink" as const, "submodule" as const, "unreadable" as const),
  executable: fc.boolean(),
  content: fc.uint8Array({ maxLength: 200 }),
});

const sourceOf = (entries: readonly Entry[]): RepositorySource => ({
  origin: "here",
  commit: null,
  notes: [],
  async *files() {
    for (const { content, ...file } of entries) yield { ...file, size: content.length, read: async () => content };
  },
  changeTexts: async () => [],
  close: async () => undefined,
});

async function packed(entries: readonly Entry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of packRepository(sourceOf(entries))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In pieces of `size` bytes. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Buffer, size: number): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const file of unpackRepository(() => pieces(bytes, size)).files()) {
    found.push({ path: file.path, kind: file.kind, executable: file.executable, content: await file.read() });
  }
  return found;
}

describe("a packed repository", () => {
  test("holds every file and link, in whatever pieces it comes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), async (entries, size) => {
        const found = await unpacked(await packed(entries), size);
        const kept = entries.filter(({ kind }) => kind === "file" || kind === "symlink");
        expect(found.map(({ content, ...rest }) => ({ ...rest, content: [...content] }))).toEqual(
          kept.map(({ content, ...rest }) => ({ ...rest, content: [...content] })),
        );
      }),
    );
  });

  test("that was cut anywhere, or goes on after its end, is noticed", async () => {
    const whole = await packed([
      { path: "a", kind: "file", executable: false, content: Buffer.from("content") },
      { path: "b", kind: "symlink", executable: false, content: Buffer.from("a") },
    ]);
    for (let length = 0; length < whole.length; length++) await expect(unpacked(whole.subarray(0, length), 7)).rejects.toThrow(SyntaxError);
    await expect(unpacked(Buffer.concat([whole, whole]), 100)).rejects.toThrow(SyntaxError);
  });

  test("of somebody else's making is no repository", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 80 }), async (bytes) => {
        await expect(unpacked(Buffer.from(bytes), 10)).rejects.toThrow(SyntaxError);
      }),
    );
  });

  test("larger than any machine's disk is refused by its size", async () => {
    const piece = new Uint8Array(500_000_000);
    const huge = Array.from({ length: 9 }, (_, n): Entry => ({ path: `${n}`, kind: "file", executable: false, content: piece }));
    const packing = (async () => {
      for await (const chunk of packRepository(sourceOf(huge))) expect(chunk.length).toBeGreaterThan(0);
    })();
    await expect(packing).rejects.toMatchObject({
      name: "InputError",
      code: "archive_too_large",
      message: expect.stringContaining("4 GB"),
    });
  });
});
