import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedLines, leaks, parsePatch, patchHash, patchLines } from "../../../../core/svg/patch/index.ts";
import { anyPatch, renderPatch } from "./random-patch.ts";

const patch = (path: string, ...body: string[]): string => {
  const old = body.filter((line) => line[0] !== "+").length;
  const fresh = body.filter((line) => line[0] !== "-").length;
  return `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -10,${old} +10,${fresh} @@ def f\n${body.join("\n")}\n`;
};

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe("changedLines", () => {
  test("counts added and deleted lines, blank ones and look-alikes of headers too", () => {
    expect(changedLines(patch("x", " a", "-b", "--- c", "+", "+++d"))).toBe(4);
    expect(changedLines("")).toBe(0);
  });
});

describe("patchHash", () => {
  const base = patch("x", " a", "-b", "+c");

  test("does not see index lines, positions, headings, CR and the order of files", () => {
    const moved = base.replace("index 1..2", "index 3..4").replace("@@ -10,2 +10,2 @@ def f", "@@ -99,2 +98,2 @@");
    expect(patchHash(moved)).toBe(patchHash(base));
    expect(patchHash(base.replaceAll("\n", "\r\n"))).toBe(patchHash(base));
    const other = patch("y", "+z");
    expect(patchHash(base + other)).toBe(patchHash(other + base));
  });

  test.each([
    ["path", patch("y", " a", "-b", "+c")],
    ["context", patch("x", " A", "-b", "+c")],
    ["change", patch("x", " a", "-b", "+C")],
    ["white space", patch("x", " a", "-b", "+ c")],
    ["order of lines", patch("x", " a", "+c", "-b")],
    ["mode", base.replace("index 1..2 100644", "old mode 100644\nnew mode 100755")],
  ])("sees the %s", (_, other) => {
    expect(patchHash(other)).not.toBe(patchHash(base));
  });

  test("property: equal for equal changes in any order", () => {
    fc.assert(
      fc.property(anyPatch, anyPatch, (a, b) => {
        const same = isDeepStrictEqual(parsePatch(renderPatch(a)).toSorted(byText), parsePatch(renderPatch(b)).toSorted(byText));
        // Of these patches nothing is left out of the hash but positions, which are all the same, and a CR at the end.
        expect(same && patchHash(renderPatch(a)) !== patchHash(renderPatch(b))).toBe(false);
        expect(patchHash(renderPatch(a.toReversed()))).toBe(patchHash(renderPatch(a)));
      }),
    );
  });
});

describe("leaks", () => {
  const fix = patch(
    "x",
    " context line that is quite long",
    "-    return compute_total(items)",
    "+    return compute_total(items, tax=True)",
    "+    pass",
  );

  test("finds changed lines of 20 or more characters, trimmed, wherever they stand in the text", () => {
    expect(leaks("Please write `return compute_total(items, tax=True)` there.", fix)).toEqual(["return compute_total(items, tax=True)"]);
    expect(leaks("It says return compute_total(items) now.", fix)).toEqual(["return compute_total(items)"]);
  });

  test("lets context, short lines and descriptions pass", () => {
    expect(leaks("The total in compute_total leaves the tax out; context line that is quite long; pass", fix)).toEqual([]);
    expect(leaks("", fix)).toEqual([]);
  });

  test("measures in characters, after trimming", () => {
    const line = (text: string): readonly string[] => patchLines(patch("x", `+  ${text}  `), 20);
    expect(line("x".repeat(20))).toEqual(["x".repeat(20)]);
    expect(line("x".repeat(19))).toEqual([]);
    expect(line("😀".repeat(10))).toEqual([]);
    expect(line("😀".repeat(20))).toHaveLength(1);
  });
});
