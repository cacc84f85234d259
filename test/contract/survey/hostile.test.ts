import { describe, expect, it } from "vitest";
import { functionBodies, surveyRepository, type SurveyRules } from "../../../core/survey/index.ts";
import { memorySource } from "../../unit/survey/memory-source.ts";

const RULES: SurveyRules = {
  skipTests: true,
  skipVendored: true,
  skipGenerated: true,
  maxFileMb: 4,
  languages: [],
  include: [],
  exclude: [],
};
const PY = "def f():\n    pass\n";

/** Texts that make a generated parser run for very long, run out of memory or break; each was seen to. */
const HOSTILE = {
  "brackets.js": "(".repeat(300_000),
  "cases.go": "case a:".repeat(20_000),
  "crash.c": "x=>".repeat(6666),
  "crash.js": "{a:".repeat(6666),
  "memory.cs": "a<".repeat(100_000),
  "unary.rs": "-".repeat(300_000),
};

describe("hostile files", () => {
  it("cost themselves and nothing else", { timeout: 180_000 }, async () => {
    const files = Object.fromEntries(
      Object.entries(HOSTILE).flatMap(([path, text]) => [
        [path, text],
        [`${path}.after.py`, PY],
      ]),
    );
    const { functions, summary } = await surveyRepository(memorySource(files), RULES, { limitMs: 6000 });
    expect(functions.map(({ path }) => path)).toEqual(
      Object.keys(HOSTILE)
        .toSorted()
        .map((path) => `${path}.after.py`),
    );
    expect(summary.skipped).toEqual(
      Object.keys(HOSTILE)
        .toSorted()
        .map((path) => ({ path, reason: "parser gave up" })),
    );
  });

  it("do not stop the next question about another file", { timeout: 60_000 }, async () => {
    expect(await functionBodies("crash.c", HOSTILE["crash.c"])).toBeNull();
    expect(await functionBodies("a.py", PY)).toEqual([{ startLine: 2, endLine: 2 }]);
  });

  it("of deep but sane nesting are read", async () => {
    const nested = `${Array.from({ length: 90 }, (_, depth) => `${" ".repeat(depth)}def f():`).join("\n")}\n${" ".repeat(90)}pass\n`;
    const blocks = `function f() { ${"{".repeat(2000)}${"}".repeat(2000)} }\nfunction g() {}\n`;
    const { functions } = await surveyRepository(memorySource({ "a.py": nested, "b.js": blocks }), RULES);
    expect(functions).toHaveLength(92);
  });

  it("of megabytes on one line, or of a hundred thousand functions, are read", { timeout: 60_000 }, async () => {
    const minified = "function f(a){return a&&a.b?[a,{c:a}]:null}".repeat(40_000);
    const { functions, summary } = await surveyRepository(memorySource({ "min.js": minified, "long.py": PY.repeat(100_000) }), RULES);
    expect(summary.skipped).toEqual([]);
    expect(functions).toHaveLength(140_000);
  });
});
