import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../../core/errors/index.ts";
import { RECALL_RULES, scorePatches } from "../../../../core/svg/recall/index.ts";
import { anyPatch, renderPatch } from "../patch/random-patch.ts";

function diff(path: string, ...body: string[]): string {
  const old = body.filter((line) => line[0] !== "+").length;
  const fresh = body.filter((line) => line[0] !== "-").length;
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,${old} +1,${fresh} @@\n${body.join("\n")}\n`;
}

const recall = (target: string, candidate: string): number | null => scorePatches(target, candidate, "serac").recall;

describe("the serac rule", () => {
  test("counts recall, precision and both sizes", () => {
    const target = diff("x", "-a", "+b", "+c", "+d");
    const candidate = diff("x", "-a", "+b", "+e", "+f", "+g");
    expect(scorePatches(target, candidate, "serac")).toEqual({ recall: 0.5, precision: 0.4, matched: 2, target: 4, candidate: 5 });
  });

  test("matches a line as often as both have it", () => {
    expect(scorePatches(diff("x", "+a", "+a", "+a"), diff("x", "+a", "+a"), "serac")).toMatchObject({ matched: 2, target: 3 });
  });

  test("tells files, signs and inner white space apart, and not a CR at the end", () => {
    expect(recall(diff("x", "+a"), diff("y", "+a"))).toBe(0);
    expect(recall(diff("x", "+a"), diff("x", "-a"))).toBe(0);
    expect(recall(diff("x", "+a  b"), diff("x", "+a b"))).toBe(0);
    expect(recall(diff("x", "+ a"), diff("x", "+a"))).toBe(0);
    expect(recall(diff("x", "+a\r"), diff("x", "+a"))).toBe(1);
  });

  test("counts what SERA's rule loses: `-- x` removed, `++i` added", () => {
    const sql = diff("q.sql", "--- x", "+++i");
    expect(scorePatches(sql, sql, "serac").target).toBe(2);
    expect(scorePatches(sql, sql, "sera")).toMatchObject({ recall: null, target: 0 });
  });

  test("splits on LF alone, where SERA's rule splits on form feed, U+0085 and U+2028", () => {
    const odd = diff("x", "+a\f+b", "+c\x85+d", "+e\u2028+f", "+g\r+h");
    expect(scorePatches(odd, odd, "serac").target).toBe(4);
    expect(scorePatches(odd, odd, "sera").target).toBe(8);
  });

  test.each(["", " ", "\t", "\r", "\f", "\u3000", "\ufeff"])("a change of blank %j does not count", (blank) => {
    expect(scorePatches(diff("x", `+${blank}`), diff("x", "+a"), "serac")).toEqual({
      recall: null,
      precision: 0,
      matched: 0,
      target: 0,
      candidate: 1,
    });
  });

  test("is null for a target of nothing, a rename, a mode or a binary", () => {
    const nothing = [
      "",
      "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n",
      "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
      "diff --git a/x b/x\nBinary files a/x and b/x differ\n",
    ];
    for (const target of nothing) expect(recall(target, diff("x", "+a"))).toBeNull();
    expect(scorePatches(diff("x", "+a"), "", "serac")).toMatchObject({ recall: 0, precision: null });
  });

  const renamed = "diff --git a/x b/y\nsimilarity index 80%\nrename from x\nrename to y\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n";

  test("a rename maps the file, in the target, the candidate or both", () => {
    expect(recall(renamed, diff("x", "-a", "+b"))).toBe(1);
    expect(recall(diff("x", "-a", "+b"), renamed)).toBe(1);
    expect(recall(renamed, renamed.replaceAll(/\by\b/g, "z"))).toBe(1);
    expect(recall(renamed, diff("z", "-a", "+b"))).toBe(0);
  });

  test("a file written afresh where the other side renames is that file", () => {
    const fresh = "diff --git a/y b/y\nnew file mode 100644\n--- /dev/null\n+++ b/y\n@@ -0,0 +1,2 @@\n+b\n+rest\n";
    expect(recall(renamed, fresh)).toBe(0.5);
  });

  test("a copy is a new file", () => {
    const copied = renamed.replaceAll("rename", "copy");
    expect(recall(copied, diff("x", "-a", "+b"))).toBe(0);
    expect(recall(copied, copied)).toBe(1);
  });
});

describe.each(RECALL_RULES)("rule %s", (rule) => {
  const text = anyPatch.map(renderPatch);

  test("property: 0 to 1, symmetric in what matched, and 1 against itself", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const score = scorePatches(a, b, rule);
        const back = scorePatches(b, a, rule);
        expect(back).toEqual({
          recall: score.precision,
          precision: score.recall,
          matched: score.matched,
          target: score.candidate,
          candidate: score.target,
        });
        expect(score.recall ?? 0).toBeGreaterThanOrEqual(0);
        expect(score.recall ?? 0).toBeLessThanOrEqual(1);
        expect(score.recall === null).toBe(score.target === 0);
        const self = scorePatches(a, a, rule);
        expect(self.recall).toBe(self.target === 0 ? null : 1);
      }),
    );
  });

  test("property: the order of files and hunks does not matter", () => {
    fc.assert(
      fc.property(anyPatch, text, (files, other) => {
        const turned = files.toReversed().map((file) => ({ ...file, hunks: file.hunks.toReversed() }));
        expect(scorePatches(renderPatch(turned), other, rule)).toEqual(scorePatches(renderPatch(files), other, rule));
      }),
    );
  });

  test("refuses what is no patch, on either side", () => {
    expect(() => scorePatches("hello", "", rule)).toThrow(InputError);
    expect(() => scorePatches("", "hello", rule)).toThrow(InputError);
  });
});
