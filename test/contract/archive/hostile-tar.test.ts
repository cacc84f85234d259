import { gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { paxItem, TAR_END, tarItem, tarOf } from "./bytes.ts";
import { codeOf, open, refusal, seen } from "./open.ts";

const OK = { name: "ok.py", content: "ok" };

describe("a name that leads elsewhere", () => {
  test.each([
    ["/etc/passwd", "absolute"],
    ["../up.py", "leads out"],
    ["a/../../up.py", "leads out"],
    ["a/..", "leads out"],
    ["./../up.py", "leads out"],
    ["a//b.py", "empty part"],
    ["C:/x.py", "drive letter"],
    ["c:\\x.py", "drive letter"],
  ])("%s", async (name, rule) => {
    for (const type of ["0", "2", "5", "3"]) {
      const error = await refusal(tarOf(OK, { name, type, link: type === "2" ? "x" : "" }));
      expect([error.code, error.message]).toEqual(["archive_unsafe", expect.stringContaining(rule)]);
      expect(error.message).toContain(JSON.stringify(name));
    }
    const long = Buffer.concat([paxItem(`${name.length + 9} path=${name}\n`), tarItem({ name: "short.py", content: "x" })]);
    expect(await codeOf(tarOf(OK, long))).toBe("archive_unsafe");
    expect(await codeOf(tarOf(OK, { name: "L", type: "L", content: `${name}\0` }, { name: "s" }))).toBe("archive_unsafe");
  });

  test("a NUL, no name at all, and names that no disk can hold", async () => {
    expect(await codeOf(tarOf(paxItem("13 path=a\0b\n".replace("13", "12")), OK))).toBe("archive_unsafe");
    expect(await codeOf(tarOf({ name: "" }))).toBe("archive_unsafe");
    expect(await codeOf(tarOf({ name: "L", type: "L", content: "n".repeat(256) }, OK))).toBe("archive_unsafe");
    expect(await codeOf(tarOf({ name: "L", type: "L", content: `${"n/".repeat(2100)}n` }, OK))).toBe("archive_unsafe");
    expect(Object.keys(await seen(await open(tarOf({ name: "L", type: "L", content: "n".repeat(255) }, OK))))).toEqual(["n".repeat(255)]);
  });

  test("what a terminal would obey is shown, not sent", async () => {
    const error = await refusal(tarOf({ name: "/\x1b[2J\u202e\u009b" }));
    expect(error.message).toContain(String.raw`"/\u001b[2J\u202e\u009b"`);
  });
});

describe("links", () => {
  test("that lead out are kept as links, with a note; nothing is read through them", async () => {
    const links = ["/etc/passwd", "../x", "a/../../x"];
    const source = await open(
      tarOf(OK, ...links.map((link, i) => ({ name: `d/${i}`, type: "2", link: i === 1 ? "../../x" : link })), {
        name: "d/in",
        type: "2",
        link: "../ok.py",
      }),
    );
    const files = await seen(source);
    expect(files["d/0"]).toMatchObject({ kind: "symlink", content: "/etc/passwd", size: 0 });
    expect(files["d/in"]).toMatchObject({ kind: "symlink", content: "../ok.py" });
    expect(source.notes).toEqual([expect.stringMatching(/^2 files that links? to a place outside.*the first is "d\/0"/)]);
  });

  test("that an entry leads through", async () => {
    for (const items of [
      [
        { name: "d", type: "2", link: "/etc" },
        { name: "d/passwd", content: "x" },
      ],
      [
        { name: "d/passwd", content: "x" },
        { name: "d", type: "2", link: "/etc" },
      ],
      [
        { name: "d", type: "2", link: "." },
        { name: "d/e/", type: "5" },
      ],
      [
        { name: "d", type: "2", link: "." },
        { name: "d/", type: "5" },
      ],
    ]) {
      expect(await codeOf(tarOf(OK, ...items))).toBe("archive_unsafe");
    }
  });

  test("hard links lead to an earlier file of the archive, and nowhere else", async () => {
    for (const link of ["/etc/passwd", "../x", "later.py", "nothing", ""]) {
      expect(await codeOf(tarOf(OK, { name: "hard", type: "1", link }, { name: "later.py" }))).toBe("archive_unsafe");
    }
    const files = await seen(
      await open(tarOf(OK, { name: "hard", type: "1", link: "./ok.py" }, { name: "ok.py", type: "1", link: "ok.py" })),
    );
    expect(files["hard"]?.content).toBe("ok");
  });

  test("without a target, or with one that is endless", async () => {
    expect(await codeOf(tarOf(OK, { name: "l", type: "2" }))).toBe("archive_unsafe");
    expect(await codeOf(tarOf(OK, { name: "K", type: "K", content: "t".repeat(5000) }, { name: "l", type: "2" }))).toBe("archive_unsafe");
  });
});

describe("a tree that cannot be", () => {
  test.each([
    ["a file below a file", [{ name: "a" }, { name: "a/b" }]],
    ["a file in the place of a folder", [{ name: "a/b" }, { name: "a" }]],
    ["a folder in the place of a file", [{ name: "a" }, { name: "a/", type: "5" }]],
    ["a file in the place of an empty folder", [{ name: "a/", type: "5" }, { name: "a" }]],
    ["a device in the place of a folder", [{ name: "a/b" }, { name: "a", type: "4" }]],
    ["a file in the place of the root", [{ name: "." }]],
  ])("%s", async (_name, items) => {
    const error = await refusal(tarOf(OK, ...items));
    expect(error.code).toBe("archive_unsafe");
  });

  test("a later entry replaces an earlier one of its name, as tar -r does it", async () => {
    const files = await seen(await open(tarOf({ name: "a", content: "first" }, OK, { name: "a", content: "second", mode: 0o755 })));
    expect(files["a"]).toMatchObject({ content: "second", executable: true });
  });

  test("no file at all", async () => {
    for (const bytes of [
      gzipSync(tarOf()),
      tarOf({ name: "./", type: "5" }),
      tarOf({ name: ".git/config", content: "x" }),
      tarOf({ name: "p", type: "6" }),
    ]) {
      expect(await codeOf(bytes)).toBe("repository_empty");
    }
  });

  test(".git in any spelling is no part of it", async () => {
    const source = await open(
      tarOf(
        OK,
        { name: ".git/config" },
        { name: "sub/.GIT/hooks/x" },
        { name: "sub/.Git", content: "gitdir: /x" },
        { name: "h", type: "1", link: ".git/config" },
      ),
    );
    expect(Object.keys(await seen(source))).toEqual(["ok.py"]);
    expect(source.notes).toEqual([expect.stringContaining("3 entries of a .git are left out")]);
  });
});

describe("what tools read differently", () => {
  test.each([
    ["a hard link with content", tarOf(OK, { name: "h", type: "1", link: "ok.py", content: "x" }), /"h" has content, which a hard link/],
    ["a link with content", tarOf(OK, { name: "h", type: "2", link: "ok.py", content: "x" }), /"h" has content, which a symbolic link/],
    ["a folder with content", tarOf(OK, { name: "d/", type: "5", content: "x" }), /"d\/" has content, which a folder/],
    ["a file with a folder's name and content", tarOf(OK, { name: "d/", content: "x" }), /"d\/" has content, which a folder/],
    ["a sparse file of GNU", tarOf(OK, { name: "s", type: "S" }), /"s" is a sparse file/],
    ["a sparse file of pax", tarOf(paxItem("22 GNU.sparse.major=1\n"), OK), /"ok.py" is a sparse file/],
    ["a part of another volume", tarOf(OK, { name: "m", type: "M", content: "x" }), /"m" goes on from another volume/],
    ["an unknown type", tarOf(OK, { name: "q", type: "q" }), /"q" is of the unknown type "q"/],
    ["a global path", tarOf(paxItem("9 path=a\n", "g"), OK), /a global header sets path/],
    ["a wrong checksum", tarOf(OK, { name: "c", checksum: 1 }), /the header at byte 1024 is damaged/],
    ["a negative size", tarOf(OK, { name: "n", sizeField: Buffer.alloc(12, 0xff) }), /header at byte 1024/],
    [
      "a size beyond all numbers",
      tarOf(OK, { name: "n", sizeField: Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0xff)]) }),
      /header at byte 1024/,
    ],
    ["a size that is no number", tarOf(OK, { name: "n", sizeField: Buffer.from("0000000000x\0") }), /header at byte 1024/],
    ["a pax size that is no number", tarOf(paxItem("11 size=-1\n"), OK), /"ok.py" has a size that is no number/],
    ["a pax record without an end", tarOf(paxItem("99 path=a\n"), OK), /an extended header \(pax\) is damaged/],
    ["a pax record without a length", tarOf(paxItem("path=a\n"), OK), /\(pax\) is damaged/],
    ["a pax record without a key", tarOf(paxItem("7 path\n"), OK), /\(pax\) is damaged/],
    ["a header for nothing", tarOf(OK, paxItem("9 path=a\n")), /ends after a header that announces an entry/],
    ["endless headers", tarOf(OK, { name: "L", type: "L", content: "x".repeat((1 << 20) + 1) }), /a header before an entry has more than/],
    ["no end", tarItem(OK), /cut off/],
    ["an end that is cut off", Buffer.concat([tarItem(OK), TAR_END.subarray(0, 100)]), /cut off/],
    ["a content that is cut off", tarOf(OK, tarItem({ name: "x", size: 9999, content: "x" })), /cut off/],
  ])("%s", async (_name, bytes, message) => {
    for (const each of [bytes, gzipSync(bytes)]) {
      const error = await refusal(each);
      expect([error.code, error.message]).toEqual(["archive_unreadable", expect.stringMatching(message)]);
    }
  });

  test("old and odd ones that all read alike are taken", async () => {
    const files = await seen(
      await open(
        tarOf(
          { name: "old", magic: "", content: "1" },
          { name: "gnu", magic: "ustar  \0", prefix: "no prefix here", content: "2" },
          { name: "name", prefix: "in/prefix", content: "3" },
          { name: "binary", sizeField: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), content: "4" },
          { name: "contiguous", type: "7", content: "5" },
          { name: "label", type: "V" },
          { name: "spaces", sizeField: Buffer.from("         1 \0"), content: "6" },
          { name: "nul", type: "\0", content: "7" },
        ),
      ),
    );
    expect(Object.entries(files).map(([path, { content }]) => [path, content])).toEqual([
      ["binary", "4"],
      ["contiguous", "5"],
      ["gnu", "2"],
      ["in/prefix/name", "3"],
      ["nul", "7"],
      ["old", "1"],
      ["spaces", "6"],
    ]);
  });
});

describe("too much", () => {
  const MIB = 1 << 20;

  test("of each thing that is limited", async () => {
    const big = tarOf({ name: "big", content: Buffer.alloc(MIB, "x") });
    const cases: [Uint8Array, object, RegExp][] = [
      [big, { archiveBytes: MIB - 1 }, /it has more than 1024 KiB|more than 1 MiB/],
      [big, { unpackedBytes: MIB - 1 }, /unpacked it has more/],
      [big, { fileBytes: MIB - 1 }, /"big" has 1 MiB/],
      [gzipSync(big), { ratioFromBytes: 0 }, /200 times its size/],
      [tarOf(OK, { name: "a" }, { name: "b/", type: "5" }), { entries: 2 }, /more than 2 entries/],
    ];
    for (const [bytes, limits, message] of cases) {
      const error = await refusal(bytes, { limits });
      expect([error.code, error.message]).toEqual(["archive_too_large", expect.stringMatching(message)]);
    }
    expect(Object.keys(await seen(await open(gzipSync(big))))).toEqual(["big"]);
  });

  test("a bomb is put out long before it has filled the disk", async () => {
    // Ten gigabytes of zeros in ten megabytes, as often as anybody asks for the next piece of it.
    const piece = gzipSync(Buffer.alloc(16 * MIB));
    const start = gzipSync(tarItem({ name: "bomb", sizeField: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0x70, 0, 0, 0]) }));
    const bytes = Buffer.concat([start, ...Array<Buffer>(640).fill(piece)]);
    expect((await refusal(bytes)).message).toMatch(/200 times/);
  });

  test("a size that is only claimed costs nothing", async () => {
    const claimed = tarItem({ name: "huge", sizeField: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0]) });
    expect(await codeOf(tarOf(claimed))).toBe("archive_too_large");
  });
});

describe("what is no archive that is taken", () => {
  test.each([
    ["nothing", ""],
    ["text", "hello"],
    ["xz", "\xfd7zXZ\0\0\0"],
    ["bzip2", "BZh91AY"],
    ["7-Zip", "7z\xbc\xaf\x27\x1c\0"],
    ["RAR", "Rar!\x1a\x07\x01"],
    ["web page", "<!DOCTYPE html>"],
    ["Git LFS", "version https://git-lfs.github.com/spec/v1\n"],
    ["pack", "PACK\0\0\0\x02"],
    ["a git bundle of a version", "# v9 git bundle\n"],
    ["zeros", "\0".repeat(300)],
  ])("%s", async (name, text) => {
    const error = await refusal(Buffer.from(text, "latin1"));
    expect(error.code).toBe("archive_format");
    expect(error.hint).toContain("tar.gz, tar.zst, tar, zip and git bundles");
    expect(error.message).toContain(["nothing", "text", "zeros"].includes(name) ? "the archive: it" : name);
  });

  test("what is compressed, but no tar", async () => {
    expect(await codeOf(gzipSync(Buffer.alloc(5000, "text")))).toBe("archive_format");
    expect(await codeOf(gzipSync("short"))).toBe("archive_unreadable");
    expect(await codeOf(Buffer.concat([gzipSync(tarOf(OK)).subarray(0, 40)]))).toBe("archive_unreadable");
  });
});
