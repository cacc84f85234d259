import { afterAll, describe, expect, it } from "vitest";
import { hand } from "../support/hand.ts";
import { workbench } from "../support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());

const NUMBERED = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join("\n");
const FILES = {
  "a.txt": "one\ntwo\n",
  "no-end.txt": "one\ntwo",
  "tabs.txt": "\tx\nab\ty\n",
  "crlf.txt": "one\r\ntwo\r\n",
  "bom.txt": "\ufeffone\n",
  "latin.txt": Buffer.from("caf\xe9\n", "latin1"),
  "binary.bin": Uint8Array.of(0x50, 0, 1, 2),
  "empty.txt": "",
  "thirty.txt": NUMBERED,
  "wide.txt": `${"\u{1f600}".repeat(15_999)}ab`,
  "exact.txt": "\u{1f600}".repeat(16_000),
  "tab-flood.txt": "\t".repeat(10_000),
  "folder/b.txt": "b",
  "folder/with space/c.txt": "c",
  "folder/deep/deeper/d.txt": "d",
  ".hidden/e.txt": "e",
};

describe("view of a file", () => {
  it("is headed by the literal and numbers lines to width 6 with a tab", async () => {
    const agent = hand(await bench.open(FILES));
    expect(await agent.view("/testbed/a.txt")).toBe(
      "Here's the result of running `cat -n` on /testbed/a.txt:\n     1\tone\n     2\ttwo\n     3\t\n",
    );
    expect(await agent.view("/testbed/no-end.txt")).toBe(
      "Here's the result of running `cat -n` on /testbed/no-end.txt:\n     1\tone\n     2\ttwo\n",
    );
    expect(await agent.view("/testbed/empty.txt")).toBe("Here's the result of running `cat -n` on /testbed/empty.txt:\n     1\t\n");
  });

  it("expands tabs to stops of 8 and hides carriage returns and byte order marks", async () => {
    const agent = hand(await bench.open(FILES));
    expect(await agent.view("/testbed/tabs.txt")).toContain("     1\t        x\n     2\tab      y\n");
    expect(await agent.view("/testbed/crlf.txt")).toContain("     1\tone\n     2\ttwo\n     3\t\n");
    expect(await agent.view("/testbed/bom.txt")).toContain("     1\tone\n");
    expect(await agent.view("/testbed/latin.txt")).toContain("     1\tcafé\n");
  });

  it("cuts after 16,000 code points, before tabs are expanded, and hints at what to do", async () => {
    const agent = hand(await bench.open(FILES));
    const wide = await agent.view("/testbed/wide.txt");
    expect(wide).toContain(`${"\u{1f600}".repeat(15_999)}a<response clipped>`);
    expect(wide).toMatch(/view_range/);
    expect(wide).toMatch(/grep/);
    expect(await agent.view("/testbed/exact.txt")).not.toContain("<response clipped>");
    const tabs = await agent.view("/testbed/tab-flood.txt");
    expect(tabs.includes("<response clipped>")).toBe(false);
    expect(tabs.includes(" ".repeat(80_000))).toBe(true);
  });

  it("names a binary file as one", async () => {
    const agent = hand(await bench.open(FILES));
    expect(await agent.view("/testbed/binary.bin")).toContain("/testbed/binary.bin is binary");
    expect(await agent.replace("/testbed/binary.bin", "P", "Q")).toContain("is binary");
  });
});

describe("view_range", () => {
  it("is 1-based and inclusive, and -1 means the end", async () => {
    const agent = hand(await bench.open(FILES));
    expect(await agent.view("/testbed/thirty.txt", [2, 3])).toBe(
      "Here's the result of running `cat -n` on /testbed/thirty.txt:\n     2\tline 2\n     3\tline 3\n",
    );
    expect(await agent.view("/testbed/thirty.txt", [29, -1])).toContain("    29\tline 29\n    30\tline 30\n");
    expect(await agent.view("/testbed/a.txt", [3, 3])).toContain("     3\t\n");
    expect(await agent.view("/testbed/thirty.txt", ["5", "6"])).toContain("     5\tline 5\n     6\tline 6\n");
  });

  it("has a message of its own for every mistake", async () => {
    const agent = hand(await bench.open(FILES));
    const mistakes = {
      notTwo: await agent.view("/testbed/thirty.txt", [1]),
      notIntegers: await agent.view("/testbed/thirty.txt", [1, 2.5]),
      noList: await agent.view("/testbed/thirty.txt", "1-2"),
      firstOut: await agent.view("/testbed/thirty.txt", [31, 32]),
      firstZero: await agent.view("/testbed/thirty.txt", [0, 3]),
      lastBeyond: await agent.view("/testbed/thirty.txt", [1, 31]),
      reversed: await agent.view("/testbed/thirty.txt", [5, 4]),
      onFolder: await agent.view("/testbed/folder", [1, 2]),
    };
    expect(mistakes.notTwo).toBe(mistakes.notIntegers);
    expect(mistakes.notTwo).toBe(mistakes.noList);
    expect(mistakes.firstOut).toContain("first element `31`");
    expect(mistakes.firstOut).toContain("[1, 30]");
    expect(mistakes.firstZero).toContain("first element `0`");
    expect(mistakes.lastBeyond).toContain("second element `31`");
    expect(mistakes.reversed).toContain("second element `4`");
    expect(mistakes.onFolder).toContain("not allowed");
    expect(new Set(Object.values(mistakes)).size).toBe(6);
  });
});

describe("view of a folder", () => {
  it("lists two levels, sorted, without hidden entries", async () => {
    const agent = hand(await bench.open({ "b/x.txt": "", "a/y.txt": "", "a/sub/z/deep.txt": "", ".git-like/x": "", "a/.secret": "" }));
    expect(await agent.view("/testbed")).toBe(
      "Here's the files and directories up to 2 levels deep in /testbed, excluding hidden items:\n" +
        "/testbed\n/testbed/a\n/testbed/a/sub\n/testbed/a/y.txt\n/testbed/b\n/testbed/b/x.txt\n",
    );
  });

  it("works with spaces, trailing slashes and below a hidden folder", async () => {
    const agent = hand(await bench.open(FILES));
    expect(await agent.view("/testbed/folder/with space/")).toContain("\n/testbed/folder/with space/c.txt\n");
    expect(await agent.view("/testbed/.hidden")).toContain("\n/testbed/.hidden/e.txt\n");
  });
});

describe("paths", () => {
  it("must be absolute and in /testbed; others are told which one was probably meant", async () => {
    const agent = hand(await bench.open(FILES));
    expect(await agent.view("folder/b.txt")).toContain("Maybe you meant /testbed/folder/b.txt?");
    expect(await agent.view("./a.txt")).toContain("Maybe you meant /testbed/a.txt?");
    expect(await agent.view("/src/a.txt")).toContain("Maybe you meant /testbed/src/a.txt?");
    expect(await agent.view("/testbed/../etc/passwd")).toContain("not under /testbed");
    expect(await agent.view("/testbed-other/a.txt")).toContain("not under /testbed");
    expect(await agent.view("/testbed/a\0.txt")).toContain("NUL");
    expect(await agent.view("/testbed/./folder//b.txt")).toContain("on /testbed/folder/b.txt:");
    expect(await agent.view("/testbed/none.txt")).toContain("/testbed/none.txt does not exist");
  });
});
