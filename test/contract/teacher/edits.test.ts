import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";
import { hunksOf, withContext } from "../../../drivers/rehearsal/edit/hunks.ts";
import { changesOf, RECIPE_NAMES } from "../../../drivers/rehearsal/edit/recipes.ts";
import { findFunction } from "../../../drivers/rehearsal/source/find.ts";
import { CORPORA, corpusFunctions } from "./corpora.ts";

/** Lines around a function as the agent sees them: see drivers/rehearsal/agent/locate.ts. */
const BEFORE = 4;
const AFTER = 70;

let folder = "";
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => removeFolderSync(folder));

/** Writes every repair of every function of a corpus as a file of its own; returns how many there are and of what. */
function writeRepairs(corpus: keyof typeof CORPORA): {
  readonly files: number;
  readonly recipes: ReadonlySet<string>;
  readonly located: number;
  readonly functions: number;
} {
  const { extension, ...source } = CORPORA[corpus]();
  const recipes = new Set<string>();
  let files = 0;
  let located = 0;
  let functions = 0;
  for (const { lines, at, name, language } of corpusFunctions({ extension, ...source })) {
    functions += 1;
    const first = Math.max(0, at - BEFORE);
    const view = { firstLine: first + 1, lines: lines.slice(first, at + AFTER + 1) };
    const outline = findFunction(view, name, language, at - first);
    if (outline === null) continue;
    located += 1;
    for (const recipe of RECIPE_NAMES) {
      for (const variant of [0, 1] as const) {
        const changes = changesOf(outline, name, { recipe, variant });
        if (changes === null) continue;
        const edited = [...lines];
        for (const hunk of hunksOf(view, changes)) {
          const wide = withContext(view, hunk, 1);
          edited.splice(first + wide.start, wide.end - wide.start, ...wide.lines);
        }
        expect(edited.join("\n")).not.toBe(lines.join("\n"));
        recipes.add(`${recipe}${variant}`);
        writeFileSync(join(folder, `${corpus}-${files}${extension}`), edited.join("\n"));
        files += 1;
      }
    }
  }
  return { files, recipes, located, functions };
}

const ALL = RECIPE_NAMES.flatMap((recipe) => [`${recipe}0`, `${recipe}1`]);

describe("edits of real code are valid", () => {
  it("in Python, by its own compiler", () => {
    const { files, recipes, located, functions } = writeRepairs("python");
    expect(files).toBeGreaterThan(500);
    expect(ALL.filter((recipe) => !recipes.has(recipe))).toEqual([]);
    expect(located / functions).toBeGreaterThan(0.9);
    const check = `
import glob, sys, warnings
warnings.simplefilter("ignore")
for name in sorted(glob.glob(sys.argv[1] + "/python-*.py")):
    try:
        compile(open(name, "rb").read(), name, "exec", dont_inherit=True)
    except SyntaxError as error:
        print(name, error)
`;
    expect(execFileSync("python3", ["-c", check, folder], { encoding: "utf8" })).toBe("");
  });

  it("in Go, by gofmt", () => {
    const { files, recipes, located, functions } = writeRepairs("go");
    expect(files).toBeGreaterThan(500);
    expect(ALL.filter((recipe) => !recipe.startsWith("optional") && !recipes.has(recipe))).toEqual([]);
    expect(located / functions).toBeGreaterThan(0.9);
    const names = Array.from({ length: files }, (_, index) => join(folder, `go-${index}.go`));
    const { status, stderr } = spawnSync("gofmt", ["-e", "-l", ...names], { encoding: "utf8", maxBuffer: 1e8 });
    expect([stderr, status]).toEqual(["", 0]);
  });

  it("in TypeScript and JavaScript, by the TypeScript compiler", () => {
    const found = [writeRepairs("typescript"), writeRepairs("javascript")];
    expect(found.map(({ files }) => files > 500)).toEqual([true, true]);
    const recipes = new Set(found.flatMap((each) => [...each.recipes]));
    expect(ALL.filter((recipe) => !recipes.has(recipe))).toEqual([]);
    const options = {
      noEmit: true,
      noCheck: true,
      noResolve: true,
      allowJs: true,
      noLib: true,
      types: [],
      target: "esnext",
      module: "esnext",
      moduleDetection: "force",
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, include: ["typescript-*.ts", "javascript-*.js"] }),
    );
    const compiler = new URL("../../../node_modules/typescript/bin/tsc", import.meta.url).pathname;
    const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8", maxBuffer: 1e8 });
    // Without a library, and without checks, the only other complaint is that there is no library.
    expect(stdout.split("\n").filter((line) => line !== "" && !line.includes("TS2318"))).toEqual([]);
    expect(stdout).toContain("TS2318");
  });
});
