import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePatch } from "../../../../core/svg/patch/index.ts";
import { InputError } from "../../../../core/errors/index.ts";
import { anyPatch, renderPatch } from "./random-patch.ts";

const lines = (...parts: string[]): string => `${parts.join("\n")}\n`;

function reasonOf(text: string): string {
  try {
    parsePatch(text);
  } catch (error) {
    if (error instanceof InputError && error.code === "not_a_patch") return error.message;
    throw error;
  }
  return "no error";
}

describe("parsePatch", () => {
  test("reads a change, an added and a deleted file", () => {
    const files = parsePatch(
      lines(
        "diff --git a/src/a b.py b/src/a b.py",
        "index 1..2 100644",
        "--- a/src/a b.py\t",
        "+++ b/src/a b.py\t",
        "@@ -1,2 +1,2 @@ def f():",
        " keep",
        "-old",
        "+new",
        "diff --git a/n b/n",
        "new file mode 100755",
        "--- /dev/null",
        "+++ b/n",
        "@@ -0,0 +1 @@",
        "+x",
        "diff --git a/d b/d",
        "deleted file mode 100644",
        "--- a/d",
        "+++ /dev/null",
        "@@ -1 +0,0 @@",
        "-x",
        "\\ No newline at end of file",
      ),
    );
    expect(files.map(({ oldPath, newPath, kind, oldMode, newMode }) => ({ oldPath, newPath, kind, oldMode, newMode }))).toEqual([
      { oldPath: "src/a b.py", newPath: "src/a b.py", kind: "change", oldMode: null, newMode: null },
      { oldPath: null, newPath: "n", kind: "add", oldMode: null, newMode: "100755" },
      { oldPath: "d", newPath: null, kind: "delete", oldMode: "100644", newMode: null },
    ]);
    expect(files[0]!.hunks[0]).toEqual({ oldStart: 1, oldLines: 2, newStart: 1, newLines: 2, lines: [" keep", "-old", "+new"] });
    expect(files[2]!.hunks[0]!.lines).toEqual(["-x", "\\ No newline at end of file"]);
  });

  test("takes lines inside a hunk for what they are, whatever header they look like", () => {
    const body = ["--- a/x", "+++ b/x", "-@@ -1 +1 @@", "+diff --git a/y b/y", "-- ", "+++i"];
    const [file, ...rest] = parsePatch(lines("--- a/f.sql", "+++ b/f.sql", "@@ -1,3 +1,3 @@", ...body));
    expect(rest).toEqual([]);
    expect(file!.hunks[0]!.lines).toEqual(body);
  });

  test("reads renames, copies and pure mode changes", () => {
    const files = parsePatch(
      lines(
        "diff --git a/old name b/new name",
        "similarity index 90%",
        "rename from old name",
        "rename to new name",
        "diff --git a/x b/y",
        "similarity index 100%",
        "copy from x",
        "copy to y",
        "diff --git a/run b/run",
        "old mode 100644",
        "new mode 100755",
      ),
    );
    expect(files.map((file) => [file.kind, file.oldPath, file.newPath, file.oldMode, file.newMode])).toEqual([
      ["rename", "old name", "new name", null, null],
      ["copy", "x", "y", null, null],
      ["change", "run", "run", "100644", "100755"],
    ]);
  });

  test("skips binary literals and says that the file is binary", () => {
    const files = parsePatch(
      lines(
        "diff --git a/b.bin b/b.bin",
        "index 0..1 100644",
        "GIT binary patch",
        "literal 10",
        "Rcmb=J$jEiez=HsA1",
        "",
        "literal 0",
        "HcmV?d00001",
        "",
        "diff --git a/c.bin b/c.bin",
        "index 0..1 100644",
        "Binary files a/c.bin and b/c.bin differ",
        "diff --git a/t b/t",
        "--- a/t",
        "+++ b/t",
        "@@ -1 +1 @@",
        "-a",
        "+b",
      ),
    );
    expect(files.map((file) => [file.newPath, file.isBinary, file.binary.length, file.hunks.length])).toEqual([
      ["b.bin", true, 4, 0],
      ["c.bin", true, 0, 0],
      ["t", false, 0, 1],
    ]);
  });

  test("decodes quoted paths with octal escapes", () => {
    const [file] = parsePatch(
      lines('diff --git "a/na\\303\\257ve\\t\\"x\\"" "b/na\\303\\257ve\\t\\"x\\""', "old mode 100644", "new mode 100755"),
    );
    expect(file!.newPath).toBe('naïve\t"x"');
    expect(parsePatch(lines('--- "a/\\344\\270\\255"', '+++ "b/\\344\\270\\255"', "@@ -1 +1 @@", "-a", "+b"))[0]!.newPath).toBe("中");
  });

  test.each([
    ["diff --git x/a b c/x x/a b c/x", "x/a b c/x"],
    ["diff --git a/p b/p b/p b/p", "p b/p"],
    ["diff --git a/x a/x", "a/x"],
    ["diff --git i/x w/x", "x"],
  ])("finds the path in %s", (header, path) => {
    expect(parsePatch(lines(header, "old mode 100644", "new mode 100755"))[0]!.newPath).toBe(path);
  });

  test("reads a plain unified diff with time stamps, and one with CRLF", () => {
    expect(parsePatch(lines("--- f.c.orig\t2026-01-01 10:00", "+++ f.c\t2026-01-02", "@@ -1 +1 @@", "-a", "+b"))[0]).toMatchObject({
      oldPath: "f.c.orig",
      newPath: "f.c",
      kind: "change",
    });
    const [file] = parsePatch(
      lines("diff --git a/x b/x", "--- a/x", "+++ b/x", "@@ -1,2 +1,2 @@", " ", "-a", "+b").replaceAll("\n", "\r\n"),
    );
    expect(file).toMatchObject({ oldPath: "x", newPath: "x" });
    expect(file!.hunks[0]!.lines).toEqual([" \r", "-a\r", "+b\r"]);
  });

  test("accepts a context line whose blank was stripped, a mail around the patch, and nothing at all", () => {
    const mail = lines(
      "From: x",
      "Subject: y",
      "---",
      " f | 2 +-",
      "",
      "diff --git a/f b/f",
      "--- a/f",
      "+++ b/f",
      "@@ -1,3 +1,3 @@",
      "",
      "-a",
      "+b",
      "",
      "-- ",
      "2.39",
    );
    expect(parsePatch(mail)[0]!.hunks[0]!.lines).toEqual([" ", "-a", "+b", " "]);
    expect(parsePatch("")).toEqual([]);
    expect(parsePatch(" \n\n")).toEqual([]);
  });

  test.each([
    ["prose", "Dear all,\nnothing here.\n", /no file header/],
    ["a source file", "import os\n\n--x\n++y\n", /no file header/],
    ["a hunk without a file", "@@ -1 +1 @@\n-a\n+b\n", /line 1: a hunk stands before/],
    ["a combined diff", "diff --cc a\n@@@ -1 -1 +1 @@@\n", /line 1: this is a combined diff/],
    ["a cut hunk", "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n", /line 6: the hunk that starts at line 3 is cut off: 1 old and 2 new/],
    ["a hunk cut by the next file", "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\ndiff --git a/y b/y\n", /line 5: a line of a hunk starts with/],
    ["a hunk that is too long", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+c\n", /line 6: the hunk before this line has more lines/],
    ["counts that cannot be met", "--- a/x\n+++ b/x\n@@ -1,2 +1,0 @@\n-a\n b\n", /line 5: .* does not agree/],
    ["a broken hunk header", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n@@ -x +y @@\n", /line 6: this hunk header cannot be read/],
    ["headers without a hunk", "--- a/x\n+++ b/x\n", /a hunk .* is expected/],
    ["an open quote", 'diff --git "a/x b/x\n', /line 1: the paths/],
    ["an empty binary", "diff --git a/x b/x\nGIT binary patch\n\n", /`literal` or `delta` is expected/],
  ])("refuses %s and names the line", (_, text, message) => {
    expect(reasonOf(text)).toMatch(message);
  });

  test("property: a rendered patch is read back as it was", () => {
    fc.assert(
      fc.property(anyPatch, (files) => {
        expect(parsePatch(renderPatch(files))).toEqual(files);
      }),
    );
  });

  test("property: any text is a patch or an InputError, and so is any cut of a patch", () => {
    const unit = fc.constantFrom(
      "diff --git a/x b/x",
      "--- a/x",
      "+++ b/x",
      "@@ -1,2 +1,2 @@",
      "@@ -0,0 +1 @@",
      " a",
      "-b",
      "+c",
      "",
      "\\ No",
      '"',
      "rename from a",
      "rename to b",
      "GIT binary patch",
      "literal 3",
    );
    const soup = fc.array(unit, { maxLength: 20 }).map((parts) => parts.join("\n"));
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
        expect(reasonOf(text)).not.toBe("");
      }),
    );
    fc.assert(
      fc.property(anyPatch, fc.nat(), (files, cut) => {
        expect(reasonOf(renderPatch(files).slice(0, cut % 500))).not.toBe("");
      }),
    );
  });
});
