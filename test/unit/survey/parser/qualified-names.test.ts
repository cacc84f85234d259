import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inTextOrder, type PlacedDeclaration } from "../../../../core/survey/parser/declarations.ts";
import { qualifyFunctions } from "../../../../core/survey/parser/qualified-names.ts";

function declaration(kind: PlacedDeclaration["kind"], name: string, start: number, end: number): PlacedDeclaration {
  return { kind, name, start, end, startRow: start, endRow: end, body: null };
}

interface Tree {
  readonly kind: PlacedDeclaration["kind"];
  readonly name: string;
  readonly inner: readonly Tree[];
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    kind: fc.constantFrom("function" as const, "function" as const, "scope" as const, "test" as const),
    name: fc.constantFrom("a", "b", "a#2", "b#2", "", "a.b"),
    inner: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })),
  }),
}));

/** Lays trees out one after the other, each around its own. */
function layOut(trees: readonly Tree[]): PlacedDeclaration[] {
  const placed: PlacedDeclaration[] = [];
  let at = 0;
  const place = ({ kind, name, inner }: Tree): void => {
    const start = at++;
    for (const each of inner) place(each);
    placed.push(declaration(kind, kind === "function" && name === "" ? "x" : name, start, at++));
  };
  for (const each of trees) place(each);
  return placed.toSorted(inTextOrder);
}

describe("qualifyFunctions", () => {
  it("gives every function a key of its own, whatever the names", () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 8 }), (trees) => {
        const declarations = layOut(trees);
        const functions = qualifyFunctions(declarations, { skipTests: false });
        expect(functions).toHaveLength(declarations.filter(({ kind }) => kind === "function").length);
        expect(new Set(functions.map(({ key }) => key)).size).toBe(functions.length);
      }),
    );
  });

  it("hides nothing but what lies in tests", () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 8 }), (trees) => {
        const declarations = layOut(trees);
        const tests = declarations.filter(({ kind }) => kind === "test");
        const outside = declarations.filter(
          ({ kind, start }) => kind === "function" && !tests.some((test) => start >= test.start && start < test.end),
        );
        const shown = qualifyFunctions(declarations, { skipTests: true });
        expect(shown.map(({ startLine }) => startLine - 1)).toEqual(outside.map(({ start }) => start));
      }),
    );
  });

  it("treats scopes of one name as one scope, and leaves nameless ones out of names", () => {
    const declarations = [
      declaration("scope", "A", 0, 10),
      declaration("function", "f", 1, 2),
      declaration("scope", "A", 20, 30),
      declaration("function", "f", 21, 25),
      declaration("scope", "", 40, 50),
      declaration("function", "g", 41, 45),
    ];
    expect(qualifyFunctions(declarations, { skipTests: true }).map(({ key, name }) => [key, name])).toEqual([
      ["A.f", "A.f"],
      ["A.f#2", "A.f"],
      ["g", "g"],
    ]);
  });

  it("cuts the names of endless nesting", () => {
    const deep = Array.from({ length: 5000 }, (_, n) => declaration("function", "f", n, 20_000 - n));
    const functions = qualifyFunctions(deep, { skipTests: true });
    expect(new Set(functions.map(({ key }) => key)).size).toBe(5000);
    expect(Math.max(...functions.map(({ key }) => key.length))).toBeLessThan(1100);
  });
});
