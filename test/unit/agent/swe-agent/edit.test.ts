import { afterAll, describe, expect, it } from "vitest";
import { hand } from "../support/hand.ts";
import { workbench, type Files } from "../support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());
const agentOn = async (files: Files) => hand(await bench.open(files));

/** Added and removed lines of a diff. */
const changed = (diff: string) => diff.split("\n").filter((line) => /^[+-](?![+-]{2} )/.test(line));

describe("create", () => {
  it("makes a file and says so", async () => {
    const agent = await agentOn({ "a.txt": "x" });
    expect(await agent.edit({ command: "create", path: "/testbed/new.py", file_text: "x = 1\n" })).toBe(
      "File created successfully at: /testbed/new.py",
    );
    expect(await agent.text("/testbed/new.py")).toBe("x = 1\n");
  });

  it("refuses an existing file, an existing folder and a missing parent", async () => {
    const agent = await agentOn({ "a.txt": "x", "folder/b": "" });
    const create = (path: string) => agent.edit({ command: "create", path, file_text: "new" });
    expect(await create("/testbed/a.txt")).toContain("File already exists at: /testbed/a.txt");
    expect(await create("/testbed/folder")).toContain("already exists");
    expect(await create("/testbed/none/b.txt")).toContain("parent directory /testbed/none does not exist");
    expect(await create("/testbed/a.txt/b.txt")).toContain("parent directory /testbed/a.txt does not exist");
    expect(await agent.text("/testbed/a.txt")).toBe("x");
  });

  it("takes values that look like flags, and an empty text", async () => {
    const agent = await agentOn({ "a.txt": "x" });
    await agent.edit({ command: "create", path: "/testbed/--flag", file_text: "--old_str -n" });
    expect(await agent.text("/testbed/--flag")).toBe("--old_str -n");
    await agent.edit({ command: "create", path: "/testbed/empty", file_text: "" });
    expect(await agent.view("/testbed/empty")).toContain("     1\t\n");
  });
});

describe("str_replace", () => {
  const TEN = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join("\n") + "\n";

  it("says that the file was edited and shows four lines around the change", async () => {
    const agent = await agentOn({ "a.txt": TEN });
    const seen = await agent.replace("/testbed/a.txt", "line 6", "changed\nand more");
    expect(seen).toMatch(
      /^The file \/testbed\/a\.txt has been edited\. Here's the result of running `cat -n` on a snippet of \/testbed\/a\.txt:\n/,
    );
    const numbers = [...seen.matchAll(/^ *(\d+)\t/gm)].map((match) => Number(match[1]));
    expect(numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(seen).toContain("     6\tchanged\n     7\tand more\n");
    expect(seen).toMatch(/Review the change/);
  });

  it("performs nothing when the text is absent, there several times, or the same", async () => {
    const agent = await agentOn({ "a.txt": "x\ny\nx\nz x\n" });
    const absent = await agent.replace("/testbed/a.txt", "q", "r");
    const several = await agent.replace("/testbed/a.txt", "x", "r");
    const same = await agent.replace("/testbed/a.txt", "y", "y");
    for (const text of [absent, several, same]) expect(text).toMatch(/^No replacement was performed/);
    expect(absent).toContain("did not appear verbatim in /testbed/a.txt");
    expect(several).toContain("[1, 3, 4]");
    expect(same).toContain("the same");
    expect(await agent.diff()).toBe("");
  });

  it("counts overlapping places as several, and takes an empty old_str for an empty file only", async () => {
    const agent = await agentOn({ "a.txt": "aaa\n", "empty.txt": "" });
    expect(await agent.replace("/testbed/a.txt", "aa", "b")).toContain("[1]");
    expect(await agent.replace("/testbed/a.txt", "", "b")).toContain("old_str is empty");
    expect(await agent.replace("/testbed/empty.txt", "", "b\n")).toContain("has been edited");
    expect(await agent.text("/testbed/empty.txt")).toBe("b\n");
  });

  it("gives a one-line patch for a one-line edit, tabs, CRLF, encoding and a missing last line end kept", async () => {
    const agent = await agentOn({
      "tabs.go": "func a() {\n\tx := 1\n\ty := 2\t// two\n\tz := 3\n}\n",
      "crlf.txt": "one\r\ntwo\r\nthree\r\n",
      "latin.txt": Buffer.from("caf\xe9\nna\xefve\nplain\n", "latin1"),
      "no-end.txt": "a\nb\nc",
      "bom.txt": "\ufefffirst\nsecond\n",
      "mixed.txt": "a\r\nb\nc\r\nd\n",
    });
    await agent.replace("/testbed/tabs.go", "        y := 2  // two", "        y := 22 // two");
    await agent.replace("/testbed/crlf.txt", "two\nthree", "two\n3");
    await agent.replace("/testbed/latin.txt", "naïve", "naïf");
    await agent.replace("/testbed/no-end.txt", "b", "B");
    await agent.replace("/testbed/bom.txt", "first", "1st");
    await agent.replace("/testbed/mixed.txt", "a\nb\nc\nd", "a\nb\nC\nd");
    expect(await agent.text("/testbed/tabs.go")).toBe("func a() {\n\tx := 1\n\ty := 22 // two\n\tz := 3\n}\n");
    expect(await agent.text("/testbed/crlf.txt")).toBe("one\r\ntwo\r\n3\r\n");
    expect((await agent.bytes("/testbed/latin.txt")).toString("latin1")).toBe("caf\xe9\nna\xeff\nplain\n");
    expect(await agent.text("/testbed/no-end.txt")).toBe("a\nB\nc");
    expect(await agent.text("/testbed/bom.txt")).toBe("\ufeff1st\nsecond\n");
    expect(await agent.text("/testbed/mixed.txt")).toBe("a\r\nb\nC\r\nd\n");
    const lines = changed(await agent.diff());
    expect(lines).toHaveLength(12);
  });

  it("matches what the model saw of tabs, also from the middle of one, and writes tabs back", async () => {
    const agent = await agentOn({ Makefile: "all:\n\tcc a.c\n\tcc b.c\n", "deep.go": "if x {\n\t\tdo()\n\t\tend()\n}\n" });
    await agent.replace("/testbed/Makefile", "        cc a.c\n        cc b.c", "        cc a.c\n        cc -O2 b.c\n        strip a.out");
    expect(await agent.text("/testbed/Makefile")).toBe("all:\n\tcc a.c\n\tcc -O2 b.c\n\tstrip a.out\n");
    // Four blanks are half of what the first tab looks like.
    await agent.replace("/testbed/deep.go", "            do()", "            did()");
    expect(await agent.text("/testbed/deep.go")).toBe("if x {\n\t\tdid()\n\t\tend()\n}\n");
    await agent.replace("/testbed/deep.go", "end()", "end()\n                last()");
    expect(await agent.text("/testbed/deep.go")).toBe("if x {\n\t\tdid()\n\t\tend()\n\t\tlast()\n}\n");
  });

  it("lets a model that writes tabs decide about them", async () => {
    const agent = await agentOn({ "a.go": "a {\n\tx\n}\n" });
    await agent.replace("/testbed/a.go", "\tx", "        x");
    expect(await agent.text("/testbed/a.go")).toBe("a {\n        x\n}\n");
  });

  it("prefers a verbatim place to one that only looks the same", async () => {
    const agent = await agentOn({ "a.txt": "\tx\n        x\n" });
    await agent.replace("/testbed/a.txt", "        x", "        y");
    expect(await agent.text("/testbed/a.txt")).toBe("\tx\n        y\n");
  });

  it("can empty a file, and removes the text when new_str is left out", async () => {
    const agent = await agentOn({ "a.txt": "all of it", "b.txt": "keep drop" });
    expect(await agent.replace("/testbed/a.txt", "all of it", "")).toContain("     1\t\n");
    expect(await agent.text("/testbed/a.txt")).toBe("");
    await agent.edit({ command: "str_replace", path: "/testbed/b.txt", old_str: " drop" });
    expect(await agent.text("/testbed/b.txt")).toBe("keep");
  });

  it("takes regular expression characters, dollars and flags as they are", async () => {
    const agent = await agentOn({ "a.txt": "cost: (.*) --x $1\n" });
    await agent.replace("/testbed/a.txt", "(.*) --x", "$& $1 --new_str");
    expect(await agent.text("/testbed/a.txt")).toBe("cost: $& $1 --new_str $1\n");
  });

  it("refuses a character that the file's encoding cannot hold", async () => {
    const agent = await agentOn({ "latin.txt": Buffer.from("caf\xe9\n", "latin1") });
    expect(await agent.replace("/testbed/latin.txt", "caf", "€")).toContain("latin-1");
    expect(await agent.diff()).toBe("");
  });

  it("does not cut a character in half for half a surrogate pair", async () => {
    const agent = await agentOn({ "a.txt": "\u{1f600}\n" });
    expect(await agent.replace("/testbed/a.txt", "\ud83d", "x")).toMatch(/^No replacement was performed/);
    expect(await agent.text("/testbed/a.txt")).toBe("\u{1f600}\n");
  });

  it("works on files only", async () => {
    const agent = await agentOn({ "folder/a.txt": "x" });
    expect(await agent.replace("/testbed/folder", "x", "y")).toContain("is a folder");
    expect(await agent.replace("/testbed/none", "x", "y")).toContain("does not exist");
  });
});

describe("insert", () => {
  it("adds lines after a line, first for 0, last for the count", async () => {
    const agent = await agentOn({ "a.txt": "one\ntwo\n" });
    expect(await agent.insert("/testbed/a.txt", 1, "between")).toContain("     2\tbetween\n");
    await agent.insert("/testbed/a.txt", 0, "zero\n");
    await agent.insert("/testbed/a.txt", "4", "last");
    expect(await agent.text("/testbed/a.txt")).toBe("zero\none\nbetween\ntwo\nlast\n");
  });

  it("keeps CRLF, a missing last line end, a byte order mark and tab indentation", async () => {
    const agent = await agentOn({
      "crlf.txt": "a\r\nb\r\n",
      "no-end.txt": "a\nb",
      "bom.txt": "\ufeffa\n",
      "a.go": "f {\n\tx\n}\n",
      "empty.txt": "",
    });
    await agent.insert("/testbed/crlf.txt", 1, "new\nlines");
    await agent.insert("/testbed/no-end.txt", 2, "c");
    await agent.insert("/testbed/bom.txt", 0, "first");
    await agent.insert("/testbed/a.go", 2, "        y");
    await agent.insert("/testbed/empty.txt", 0, "x");
    expect(await agent.text("/testbed/crlf.txt")).toBe("a\r\nnew\r\nlines\r\nb\r\n");
    expect(await agent.text("/testbed/no-end.txt")).toBe("a\nb\nc");
    expect(await agent.text("/testbed/bom.txt")).toBe("\ufefffirst\na\n");
    expect(await agent.text("/testbed/a.go")).toBe("f {\n\tx\n\ty\n}\n");
    expect(await agent.text("/testbed/empty.txt")).toBe("x\n");
  });

  it("names the allowed lines", async () => {
    const agent = await agentOn({ "a.txt": "one\ntwo\n" });
    for (const line of [-1, 4, 1.5, "x", [1]]) {
      expect(await agent.insert("/testbed/a.txt", line, "new")).toContain("[0, 3]");
    }
    expect(await agent.diff()).toBe("");
  });
});

describe("undo_edit", () => {
  it("takes edits back one by one, the creation last", async () => {
    const agent = await agentOn({ "a.txt": "one\ntwo\n" });
    await agent.replace("/testbed/a.txt", "one", "1");
    await agent.insert("/testbed/a.txt", 1, "1.5");
    await agent.edit({ command: "create", path: "/testbed/b.txt", file_text: "b\n" });
    await agent.replace("/testbed/b.txt", "b", "c");
    expect(await agent.undo("/testbed/a.txt")).toMatch(/was undone/);
    expect(await agent.text("/testbed/a.txt")).toBe("1\ntwo\n");
    expect(await agent.undo("/testbed/a.txt")).toContain("     1\tone\n");
    expect(await agent.text("/testbed/a.txt")).toBe("one\ntwo\n");
    expect(await agent.undo("/testbed/a.txt")).toBe("No edit history found for /testbed/a.txt.");
    await agent.undo("/testbed/b.txt");
    expect(await agent.text("/testbed/b.txt")).toBe("b\n");
    expect(await agent.undo("/testbed/b.txt")).toContain("gone");
    expect(await agent.diff()).toBe("");
  });

  it("leaves what other commands did elsewhere in the file", async () => {
    const agent = await agentOn({ "a.txt": "one\ntwo\n" });
    await agent.replace("/testbed/a.txt", "one", "1");
    await agent.bash("echo three >> a.txt");
    await agent.undo("/testbed/a.txt");
    expect(await agent.text("/testbed/a.txt")).toBe("one\ntwo\nthree\n");
  });

  it("refuses where something else stands by now", async () => {
    const agent = await agentOn({ "a.txt": "one\ntwo\n" });
    await agent.replace("/testbed/a.txt", "one", "1");
    await agent.bash("echo other > a.txt");
    expect(await agent.undo("/testbed/a.txt")).toContain("cannot be undone");
    expect(await agent.text("/testbed/a.txt")).toBe("other\n");
    await agent.edit({ command: "create", path: "/testbed/b.txt", file_text: "b" });
    await agent.bash("echo more >> b.txt");
    expect(await agent.undo("/testbed/b.txt")).toContain("cannot be undone");
  });
});

describe("hostile files and replies", () => {
  it("cost an answer and no more", async () => {
    const flood = "a".repeat(3_900_000);
    const agent = await agentOn({ "flood.txt": flood, "huge.txt": `${flood}${flood}` });
    expect(await agent.replace("/testbed/flood.txt", "a".repeat(1_000_000), "b")).toContain("in lines [1]");
    expect(await agent.view("/testbed/huge.txt")).toMatch(/7\.8 MB, too much for this tool/);
    expect((await agent.view("/testbed/flood.txt")).length).toBeLessThan(17_000);
  });
});
