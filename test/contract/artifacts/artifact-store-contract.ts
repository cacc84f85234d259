import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ArtifactStore } from "../../../core/svg/artifacts.ts";

export interface ArtifactsUnderTest {
  readonly artifacts: ArtifactStore;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* chunks(...texts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

async function* broken(): AsyncIterable<Uint8Array> {
  yield bytes("half");
  throw new Error("the source broke");
}

/** What every ArtifactStore must do. */
export function artifactStoreContract(name: string, open: () => Promise<ArtifactsUnderTest>): void {
  describe(`${name}: ArtifactStore`, () => {
    let tested: ArtifactsUnderTest;
    let artifacts: ArtifactStore;

    beforeEach(async () => {
      tested = await open();
      artifacts = tested.artifacts;
    });
    afterEach(() => tested.close());

    const missing = expect.objectContaining({ code: "artifact_missing" });

    test("bytes and streams are read back whole or in chunks", async () => {
      await artifacts.put("runs/r/a.bin", Uint8Array.from([0, 255, 10]));
      await artifacts.put("runs/r/b.txt", chunks("one ", "two ", ""));
      expect(await artifacts.get("runs/r/a.bin")).toEqual(Uint8Array.from([0, 255, 10]));
      expect(Buffer.concat(await collect(artifacts.stream("runs/r/b.txt"))).toString()).toBe("one two ");
      await artifacts.put("empty", new Uint8Array());
      expect(await artifacts.get("empty")).toEqual(new Uint8Array());
    });

    test("a new content replaces the old one; one that breaks off replaces nothing", async () => {
      await artifacts.put("a", bytes("old"));
      await artifacts.put("a", bytes("new"));
      await expect(artifacts.put("a", broken())).rejects.toThrow("the source broke");
      await expect(artifacts.put("b", broken())).rejects.toThrow("the source broke");
      expect(Buffer.from(await artifacts.get("a")).toString()).toBe("new");
      expect(await artifacts.exists("b")).toBe(false);
      expect(await collect(artifacts.list(""))).toEqual(["a"]);
    });

    test("what is not there is a clear error, and removing it is none", async () => {
      await artifacts.put("folder/a", bytes("x"));
      await expect(artifacts.get("none")).rejects.toEqual(missing);
      await expect(artifacts.get("folder/none")).rejects.toEqual(missing);
      await expect(collect(artifacts.stream("none"))).rejects.toEqual(missing);
      expect(await artifacts.exists("none")).toBe(false);
      expect(await artifacts.exists("folder")).toBe(false);
      expect(await artifacts.exists("folder/a")).toBe(true);
      await artifacts.remove("none");
      await artifacts.remove("folder/a");
      await expect(artifacts.get("folder/a")).rejects.toEqual(missing);
    });

    test("characters beyond the first plane are sorted by code point, as everywhere else", async () => {
      const keys = ["x/a", "x/\u{f900}", "x/\u{ff21}", "x/\u{20000}", "x/\u{20000}a"];
      for (const key of keys.toReversed()) await artifacts.put(key, bytes(key));
      expect(keys.toSorted()).not.toEqual(keys);
      expect(await collect(artifacts.list("x/"))).toEqual(keys);
    });

    test("keys are listed sorted, below any prefix", async () => {
      const keys = ["a", "a/b".replace("/", "-"), "d/2", "d/10", "d/e/x", "d-e", "d.x", "é/ü", "runs/r1/x", "runs/r10/x"];
      for (const key of keys) await artifacts.put(key, bytes(key));
      expect(await collect(artifacts.list(""))).toEqual(keys.toSorted());
      expect(await collect(artifacts.list("d"))).toEqual(["d-e", "d.x", "d/10", "d/2", "d/e/x"]);
      expect(await collect(artifacts.list("d/"))).toEqual(["d/10", "d/2", "d/e/x"]);
      expect(await collect(artifacts.list("runs/r1/"))).toEqual(["runs/r1/x"]);
      expect(await collect(artifacts.list("none/"))).toEqual([]);
    });

    test("many writers of one key leave one whole content", async () => {
      const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
      await Promise.all(texts.map((text) => artifacts.put("same", bytes(text))));
      expect(texts).toContain(Buffer.from(await artifacts.get("same")).toString());
    });

    test.each([
      "",
      "/etc/passwd",
      "../x",
      "a/../../x",
      "a/./b",
      "a//b",
      "a/",
      "a\0b",
      "a\\b",
      "C:\\x",
      "a:b",
      "a\nb",
      "x".repeat(300),
      "a/".repeat(600) + "a",
    ])("the key %j is refused everywhere", async (key) => {
      const refused = { name: "InputError", code: "usage" };
      await expect(artifacts.put(key, bytes("x"))).rejects.toMatchObject(refused);
      await expect(artifacts.get(key)).rejects.toMatchObject(refused);
      await expect(artifacts.exists(key)).rejects.toMatchObject(refused);
      await expect(artifacts.remove(key)).rejects.toMatchObject(refused);
      await expect(collect(artifacts.stream(key))).rejects.toMatchObject(refused);
      expect(() => artifacts.locate(key)).toThrow(/no artefact key/);
    });
  });
}
