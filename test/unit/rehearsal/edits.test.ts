import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change } from "../../../drivers/rehearsal/edit/change.ts";
import { hunksOf, withContext } from "../../../drivers/rehearsal/edit/hunks.ts";
import type { RecipeName } from "../../../drivers/rehearsal/edit/recipes.ts";
import { applicable, changesOf, RECIPE_NAMES, RECIPES, recipesIn } from "../../../drivers/rehearsal/edit/recipes.ts";
import { findFunction } from "../../../drivers/rehearsal/source/find.ts";
import { languageOf } from "../../../drivers/rehearsal/source/language.ts";

/** The text after a repair; null where the recipe has no place for it. */
function repaired(path: string, name: string, source: string, recipe: RecipeName, variant: 0 | 1 = 0): string | null {
  const view = { firstLine: 1, lines: source.split("\n") };
  const language = languageOf(path);
  const outline = language === null ? null : findFunction(view, name, language);
  const changes = outline === null ? null : changesOf(outline, name, { recipe, variant });
  if (changes === null) return null;
  const lines = [...view.lines];
  for (const hunk of hunksOf(view, changes)) lines.splice(hunk.start, hunk.end - hunk.start, ...hunk.lines);
  return lines.join("\n");
}

const PYTHON = `class Cart:
    def total(self, prices, *, limit):
        """Sum of
        all prices."""
        result = 0
        for price in prices:
            if price < 100:
                result += price
            if price > 250:  # strange
                break
        return result
`;
const TYPESCRIPT = `export const pick = <T>(list: T[], from: number): { item: T } => {
  if (from > 20) {
    return { item: list[0]! };
  }
  return { item: list[from]! };
};
`;
const GO = `package shop

func (c *Cart) Total(prices []int, name string) (int, error) {
	if len(prices) > 100 {
		return 0, nil
	}
	return len(prices), nil
}
`;

describe("recipes", () => {
  it("guards a Python function below its docstring", () => {
    expect(repaired("a.py", "total", PYTHON, "guard")).toContain(`        all prices."""
        if prices is None:
            raise ValueError("total: prices must not be None")
        result = 0`);
  });

  it("narrows and shifts conditions, and leaves commented ones alone", () => {
    expect(repaired("a.py", "total", PYTHON, "narrow")).toContain("            if (price < 100) and prices is not None:\n");
    expect(repaired("a.py", "total", PYTHON, "boundary")).toContain("            if price <= 100:\n");
    expect(repaired("a.py", "total", PYTHON, "boundary", 1)).toContain("            if price >= 250:  # strange\n");
    expect(repaired("a.ts", "pick", TYPESCRIPT, "narrow")).toContain("  if ((from > 20) && list !== undefined) {\n");
    expect(repaired("a.go", "Total", GO, "narrow")).toContain("\tif (len(prices) > 100) && len(prices) != 0 {\n");
  });

  it("lets the last argument of a Python function be left out", () => {
    expect(repaired("a.py", "total", PYTHON, "optional")).toContain("def total(self, prices, *, limit=None):");
  });

  it("gives a TypeScript number a name inside an arrow with a type literal for a result", () => {
    expect(repaired("a.ts", "pick", TYPESCRIPT, "constant")).toContain("=> {\n  const limit = 20;\n  if (from > limit) {\n");
    expect(repaired("a.ts", "pick", TYPESCRIPT, "guard")).toContain(
      '  if (list === undefined || list === null) {\n    throw new TypeError("pick: list is required");\n  }\n',
    );
  });

  it("returns zero values from a Go method", () => {
    expect(repaired("a.go", "Total", GO, "guard")).toContain("{\n\tif len(prices) == 0 {\n\t\treturn 0, nil\n\t}\n");
    expect(repaired("a.go", "Total", GO, "constant")).toContain("\tconst limit = 100\n\tif len(prices) > limit {\n");
  });

  it("only adds comments, and shifts comparisons, in other languages", () => {
    const sources: Record<string, string> = {
      "A.java": "class A {\n    int total(List<Integer> xs) throws E {\n        if (xs.size() > 10) return 0;\n        return 1;\n    }\n}",
      "a.rs":
        "impl A {\n    fn total<'a>(&self, xs: &'a [u8]) -> usize\n    where\n        Self: Sized,\n    {\n        if xs.len() > 10 { 1 } else { 0 }\n    }\n}",
      "a.c": "static int\ntotal(int n)\n{\n    return n > 10;\n}",
      "a.cpp": "int A::total(int n) const {\n    return n > 10;\n}",
      "A.cs": "class A {\n    public int total(int n)\n    {\n        return n > 10 ? 1 : 0;\n    }\n}",
      "a.php": "<?php\nfunction total(int $n): bool\n{\n    return $n > 10;\n}",
      "a.kt": "fun total(n: Int): Boolean {\n    return n > 10\n}",
    };
    for (const [path, source] of Object.entries(sources)) {
      expect(repaired(path, "total", source, "note"), path).toMatch(/\{\n\s+\/\/ total relies on its caller for checked input;\n/);
      expect(repaired(path, "total", source, "boundary"), path).toBe(source.replace("> 10", ">= 10"));
      for (const recipe of ["guard", "early", "narrow", "constant", "optional"] as const)
        expect(repaired(path, "total", source, recipe), `${path} ${recipe}`).toBeNull();
    }
    expect(repaired("a.rb", "total", "class A\n  def self.total(n)\n    n > 10\n  end\nend", "note")).toContain(
      "def self.total(n)\n    # total relies",
    );
  });

  it.each([
    ["a call", "a.ts", "run", "run(a, b);\nother(() => {\n});"],
    ["a control structure", "a.ts", "switch", "switch (x) {\n}"],
    ["an overload", "a.ts", "run", "export function run(a: string): void;\n"],
    ["an interface's method", "a.ts", "run", "interface A {\n  run(a: string): void;\n}"],
    ["one line of Python", "a.py", "run", "def run(a): return a\n"],
    ["a definition that goes on below the view", "a.py", "run", "def run(\n    a,\n"],
  ])("takes %s for nothing to put statements into", (_what, path, name, source) => {
    for (const recipe of ["guard", "early", "note", "constant"] as const) expect(repaired(path, name, source, recipe)).toBeNull();
  });

  it("returns without a value from generators and constructors", () => {
    expect(repaired("a.py", "walk", "async def walk(tree):\n    for x in tree:\n        yield x\n", "early")).toContain("        return\n");
    expect(repaired("a.py", "__init__", "def __init__(self, tree):\n    self.tree = tree\n", "early")).toContain("        return\n");
    expect(repaired("a.py", "walk", "def walk(tree):\n    return tree\n", "early")).toContain("        return None\n");
  });

  it("puts what changes behaviour before comments", () => {
    const language = languageOf("a.py");
    const outline = language === null ? null : findFunction({ firstLine: 1, lines: PYTHON.split("\n") }, "total", language);
    expect(outline === null ? null : applicable(outline, "total")).toEqual({
      main: ["guard", "early", "narrow", "boundary", "optional"],
      side: ["note", "docs"],
    });
  });
});

describe("recipesIn", () => {
  it("finds every symptom in a text, in its order, across line breaks", () => {
    for (const recipe of RECIPE_NAMES) {
      for (const symptom of RECIPES[recipe].symptoms) {
        expect(recipesIn(`It ${symptom.replaceAll(" ", "\n")}. It also ${RECIPES.docs.symptoms[0]}.`)).toEqual([
          ...new Set<RecipeName>([recipe, "docs"]),
        ]);
      }
    }
    expect(recipesIn("All is well.")).toEqual([]);
  });
});

describe("hunks", () => {
  it("say the same with and without context, for any changes", () => {
    const change = fc.oneof(
      fc.record({
        kind: fc.constant("insert" as const),
        before: fc.nat(10),
        lines: fc.array(fc.constantFrom("new", ""), { minLength: 1, maxLength: 2 }),
      }),
      fc.record({ kind: fc.constant("replace" as const), at: fc.nat(9), line: fc.constant("changed") }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<string>("a", "b", ""), { minLength: 10, maxLength: 10 }),
        fc.array(change, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        (lines, changes: readonly Change[], context) => {
          const view = { firstLine: 1, lines };
          const expected: string[] = [];
          for (let index = 0; index <= lines.length; index += 1) {
            for (const each of changes) if (each.kind === "insert" && each.before === index) expected.push(...each.lines);
            if (index < lines.length)
              expected.push(changes.some((each) => each.kind === "replace" && each.at === index) ? "changed" : (lines[index] ?? ""));
          }
          for (const wide of [false, true]) {
            const result = [...lines];
            for (const hunk of hunksOf(view, changes)) {
              // Context is of the old text, so it is taken only where a later hunk has not yet changed it.
              const used = wide && hunksOf(view, changes).length === 1 ? withContext(view, hunk, context) : hunk;
              result.splice(used.start, used.end - used.start, ...used.lines);
            }
            expect(result).toEqual(expected);
          }
        },
      ),
    );
  });
});
