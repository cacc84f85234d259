import { deflateRawSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { zipOf, type ZipItem } from "./bytes.ts";
import { codeOf, open, refusal, seen } from "./open.ts";

const OK: ZipItem = { name: "ok.py", content: "ok ".repeat(50) };

describe("a zip that leads elsewhere", () => {
  test.each(["/etc/passwd", "../up.py", "a/../../up.py", "C:/x.py", "a//b", "nul\0.py", "n".repeat(256)])("%s", async (name) => {
    const error = await refusal(zipOf([OK, { name }]));
    expect(error.code).toBe("archive_unsafe");
  });

  test("backslashes, of which some tools make folders", async () => {
    for (const name of ["a\\b.py", "..\\up.py", "C:\\x.py"]) {
      expect((await refusal(zipOf([OK, { name }]))).message).toContain("separated by /");
    }
  });

  test("links: out of the tree kept with a note, in the way of another entry refused", async () => {
    const link = { name: "l", content: "../../x", mode: 0o120_777 };
    const source = await open(zipOf([OK, link]));
    expect((await seen(source))["l"]).toMatchObject({ kind: "symlink", content: "../../x" });
    expect(source.notes).toEqual([expect.stringContaining("outside of the repository")]);
    expect(await codeOf(zipOf([OK, link, { name: "l/x" }]))).toBe("archive_unsafe");
    expect(await codeOf(zipOf([OK, { ...link, content: "" }]))).toBe("archive_unsafe");
    expect(await codeOf(zipOf([OK, { ...link, content: "x".repeat(5000) }]))).toBe("archive_unsafe");
    expect(await codeOf(zipOf([OK, { ...link, content: "a\0b" }]))).toBe("archive_unsafe");
  });
});

describe("a zip that tells two stories", () => {
  test.each([
    ["a name twice", [OK, OK]],
    ["another name at the data", [OK, { name: "shown.py", localName: "other.py" }]],
    ["two entries on the same data", [OK, { ...OK, name: "ok.pz", localName: "ok.pz", offset: 0 }]],
    ["a file below a file", [{ name: "a" }, { name: "a/b" }]],
    ["a folder with content", [OK, { name: "d/", content: "x" }]],
  ] as [string, ZipItem[]][])("%s", async (_name, items) => {
    expect(await codeOf(zipOf(items))).toBe("archive_unsafe");
  });

  test("entries that overlap in part", async () => {
    const inner = { name: "in.py", content: "x", method: 0 };
    const quoted = zipOf([inner]).subarray(0, 36);
    const bytes = zipOf([
      { name: "out.py", content: quoted, method: 0 },
      { ...inner, offset: 36 },
    ]);
    expect(await codeOf(bytes)).toBe("archive_unsafe");
  });

  test.each([
    ["a wrong checksum", { ...OK, crc: 1 }, /"ok.py" is damaged/],
    ["a size that is too small", { ...OK, size: 10 }, /"ok.py" is damaged/],
    ["a size that is too large", { ...OK, size: 1000 }, /"ok.py" is damaged/],
    ["a size of nothing", { ...OK, size: 0, crc: 0 }, /"ok.py" is damaged/],
    ["data that is no deflate stream", { ...OK, data: Buffer.alloc(50, 0xff) }, /"ok.py" is damaged/],
    ["data that goes on elsewhere", { ...OK, data: deflateRawSync(Buffer.from("x".repeat(150))).subarray(0, 4) }, /"ok.py" is damaged/],
    ["data beyond the end", { ...OK, packedSize: 1 << 20 }, /damaged or cut off/],
    ["another method", { ...OK, method: 12 }, /method 12/],
    ["a password", { ...OK, flags: 1 }, /encrypted/],
    ["a strong password", { ...OK, flags: 0x41 }, /encryption/],
  ] as [string, ZipItem, RegExp][])("%s", async (_name, item, message) => {
    const error = await refusal(zipOf([{ name: "first.py" }, item]));
    expect([error.code, error.message]).toEqual(["archive_unreadable", expect.stringMatching(message)]);
  });

  test("large entries are checked in the same way", async () => {
    const content = Buffer.alloc(6 << 20, "large ");
    expect((await seen(await open(zipOf([{ name: "large", content }]))))["large"]?.size).toBe(content.length);
    for (const wrong of [{ crc: 1 }, { size: content.length - 1 }, { size: content.length + 1 }]) {
      expect(await codeOf(zipOf([{ name: "large", content, ...wrong }]))).toBe("archive_unreadable");
    }
    const data = deflateRawSync(content);
    expect(await codeOf(zipOf([{ name: "large", content, data: data.subarray(0, data.length / 2) }]))).toBe("archive_unreadable");
  });

  test("a directory that says more or less than it holds", async () => {
    expect(await codeOf(zipOf([OK], { entryCount: 2 }))).toBe("archive_unreadable");
    const cut = zipOf([OK]);
    expect(await codeOf(cut.subarray(0, -1))).toBe("archive_unreadable");
    expect(await codeOf(cut.subarray(0, 30))).toBe("archive_unreadable");
    expect(await codeOf(Buffer.concat([cut, Buffer.from("more")]))).toBe("archive_unreadable");
    expect(await codeOf(zipOf([]))).toBe("repository_empty");
  });
});

describe("a zip that is too much", () => {
  test("is refused by what its directory claims, before anything is unpacked", async () => {
    const cases: [Uint8Array, object, RegExp][] = [
      [zipOf([{ ...OK, size: 0xf000_0000 }]), {}, /"ok.py" has 3.8 GiB/],
      [zipOf(Array.from({ length: 6 }, (_, i) => ({ ...OK, name: `f${i}`, size: 0x6000_0000 }))), { ratio: 1e12 }, /more than 8 GiB/],
      [zipOf([{ ...OK, size: 200 << 20 }]), {}, /200 times/],
      [zipOf([OK, { name: "a" }, { name: "b" }]), { entries: 2 }, /has 3 entries/],
    ];
    for (const [bytes, limits, message] of cases) {
      const error = await refusal(bytes, { limits });
      expect([error.code, error.message]).toEqual(["archive_too_large", expect.stringMatching(message)]);
    }
  });

  test("also when the claim is a lie", async () => {
    const content = Buffer.alloc(20 << 20);
    expect(await codeOf(zipOf([{ name: "bomb", content, size: 100 }]))).toBe("archive_unreadable");
    expect(await codeOf(zipOf([{ name: "bomb", content, size: 5 << 20 }]))).toBe("archive_unreadable");
  });
});

describe("a zip from elsewhere", () => {
  test("of Windows has no modes, of the Finder has more than its files", async () => {
    const source = await open(
      zipOf([
        { name: "project/", madeBy: 20 },
        { name: "project/a.py", content: "a", madeBy: 20, mode: 0 },
        { name: "project/run.sh", content: "r", madeBy: (19 << 8) | 20, mode: 0o100_755 },
        { name: "__MACOSX/project/._a.py", content: "fork" },
      ]),
    );
    const files = await seen(source);
    expect(Object.entries(files).map(([path, { executable }]) => [path, executable])).toEqual([
      ["a.py", false],
      ["run.sh", true],
    ]);
  });

  test("with pipes and devices, and names that are not UTF-8", async () => {
    const source = await open(zipOf([OK, { name: "pipe", mode: 0o010_644 }, { name: Buffer.from([0x63, 0xe9]), content: "x" }]));
    expect(Object.entries(await seen(source)).map(([path, { kind }]) => [path, kind])).toEqual([
      ["c\u00e9", "unreadable"],
      ["ok.py", "file"],
    ]);
    expect(source.notes).toHaveLength(2);
  });
});
