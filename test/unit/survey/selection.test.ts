import { describe, expect, it } from "vitest";
import { createSelection } from "../../../core/survey/selection.ts";

const chosen = (include: string[], exclude: string[], paths: string[]): string[] => {
  const selection = createSelection(include, exclude);
  return paths.filter((path) => selection.reasonAgainst(path) === null);
};

describe("createSelection", () => {
  const paths = ["a.py", "packages/src/d.py", "src/b.py", "src/deep/c.ts", "srcs/e.py", "Src/f.py"];

  it("leaves everything in without entries", () => {
    expect(chosen([], [], paths)).toEqual(paths);
  });

  it.each(["src", "src/", "./src", "/src"])("counts the plain folder %s from the top, in its own case", (entry) => {
    expect(chosen([entry], [], paths)).toEqual(["src/b.py", "src/deep/c.ts"]);
  });

  it.each([".", "./", "/", "**", "**/"])("%s is everything", (entry) => {
    expect(chosen([entry], [], paths)).toEqual(paths);
  });

  it("reads globs as .gitignore does", () => {
    expect(chosen(["*.ts"], [], paths)).toEqual(["src/deep/c.ts"]);
    expect(chosen(["**/src/**"], [], paths)).toEqual(["packages/src/d.py", "src/b.py", "src/deep/c.ts"]);
    expect(chosen(["/*.py"], [], paths)).toEqual(["a.py"]);
  });

  it("excludes from what is included, and says which of both it was", () => {
    expect(chosen(["src"], ["src/deep"], paths)).toEqual(["src/b.py"]);
    const selection = createSelection(["src"], ["src/deep"]);
    expect(selection.reasonAgainst("a.py")).toBe("not included");
    expect(selection.reasonAgainst("src/deep/c.ts")).toBe("excluded");
  });

  it("takes a single file, spaces and other scripts in names", () => {
    expect(chosen(["src/b.py", "my folder", "größe"], [], [...paths, "my folder/x.py", "größe/y.py"])).toEqual([
      "src/b.py",
      "my folder/x.py",
      "größe/y.py",
    ]);
  });
});
