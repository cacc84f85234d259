import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { functionsOf } from "../one-file.ts";

const PYTHON = Array.from(
  { length: 6 },
  (_, n) =>
    `class C${n}:\n    def first${n}(self, a):\n        if a:\n            return [a, (a, 1)]\n        return {"a": a}\n\n    def second${n}(self):\n        return self.first(1)\n`,
).join("\n");

const JAVA = `class A {
${Array.from({ length: 8 }, (_, n) => `    int m${n}(int a) {\n        if (a > 0) {\n            return call(a, 1);\n        }\n        return 0;\n    }\n`).join("\n")}}
`;

const GO = `package a\n\n${Array.from({ length: 8 }, (_, n) => `func F${n}(a int) int {\n\tif a > 0 {\n\t\treturn call(a, 1)\n\t}\n\treturn 0\n}\n`).join("\n")}`;

const TYPESCRIPT = `export class A {
${Array.from({ length: 8 }, (_, n) => `  m${n}(a: number): number {\n    if (a > 0) {\n      return call(a, 1);\n    }\n    return 0;\n  }\n`).join("\n")}}
`;

/** Without their classes, whose own heads may be what was broken. */
const names = async (path: string, text: string): Promise<string[]> =>
  (await functionsOf(path, text)).map((entry) => entry.split(" ")[0]!.split(".").at(-1)!);

/** How many of `whole` are not in `left`, counted as often as they occur. */
function lost(whole: readonly string[], left: readonly string[]): number {
  const rest = [...left];
  return whole.filter((name) => {
    const at = rest.indexOf(name);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  }).length;
}

describe("a syntax error", () => {
  it.each([
    ["a.py", PYTHON],
    ["A.java", JAVA],
    ["a.go", GO],
    ["a.ts", TYPESCRIPT],
  ])("costs at most the functions beside it in %s", async (path, text) => {
    const whole = await names(path, text);
    // Not those of a class's own head: without it, what follows are no methods.
    const brackets = [...text.matchAll(/(?<!class.*)[()[\]{}]/g)].map(({ index }) => index);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...brackets), async (at) => {
        const left = await names(path, text.slice(0, at) + text.slice(at + 1));
        expect(lost(whole, left)).toBeLessThanOrEqual(2);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ["a.py", PYTHON],
    ["A.java", JAVA],
    ["a.go", GO],
    ["a.ts", TYPESCRIPT],
  ])("of an unfinished merge hides nothing in %s", async (path, text) => {
    const whole = await names(path, text);
    const lines = text.split("\n");
    await fc.assert(
      fc.asyncProperty(fc.nat(lines.length - 1), async (at) => {
        const conflict = ["<<<<<<< HEAD", "=======", lines[at]!, ">>>>>>> theirs"];
        const left = await names(
          path,
          [...lines.slice(0, at), conflict[0], lines[at], ...conflict.slice(1), ...lines.slice(at + 1)].join("\n"),
        );
        expect(lost(whole, left)).toBeLessThanOrEqual(2);
      }),
      { numRuns: 15 },
    );
  });

  it("leaves the places of all other functions as they are", async () => {
    const broken = `${GO}\nfunc Broken(a int {\n\treturn (\n}\n\nfunc Last() {\n}\n`;
    const found = await functionsOf("a.go", broken);
    expect(found).toEqual(expect.arrayContaining(await functionsOf("a.go", GO)));
    expect(found.at(-1)).toBe(`Last ${broken.split("\n").length - 2}-${broken.split("\n").length - 1}`);
  });

  it("never breaks the survey, whatever the text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("a.py", "a.js", "a.ts", "a.go", "A.java", "a.rs", "a.rb", "a.php"),
        fc.string({ maxLength: 200 }),
        async (path, text) => {
          const found = await functionsOf(path, text);
          expect(new Set(found.map((entry) => entry.split(" ")[0])).size).toBe(found.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});
