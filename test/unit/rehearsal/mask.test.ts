import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Language } from "../../../drivers/rehearsal/source/language.ts";
import { languageOf } from "../../../drivers/rehearsal/source/language.ts";
import { maskLines, STRING } from "../../../drivers/rehearsal/source/mask.ts";

const language = (path: string): Language => {
  const found = languageOf(path);
  if (found === null) throw new Error(path);
  return found;
};
const masks = (path: string, ...lines: string[]): string[] =>
  maskLines(lines, language(path)).map(({ mask }) => mask.replaceAll(STRING, "·"));

describe("maskLines", () => {
  it("blanks Python's strings and comments, and knows lines that begin inside of them", () => {
    const lines = ['x = "a # b" # c', "y = '''one", "two'''", "z = (1,", "  2)", "w = 'it\\'s'"];
    expect(masks("a.py", ...lines)).toEqual(["x = ·······    ", "y = ······", "······", "z = (1,", "  2)", "w = ·······"]);
    const masked = maskLines(lines, language("a.py"));
    expect(masked.map(({ isInside }) => isInside)).toEqual([false, false, true, false, false, false]);
    expect(masked.map(({ nesting }) => nesting)).toEqual([0, 0, 0, 0, 1, 0]);
  });

  it("tells JavaScript's patterns from divisions, and templates from code", () => {
    expect(masks("a.ts", "a = b / c / d; // e", 's.replace(/["/]/g, "x")', '`${a + `}` } " ` + 1', "return /x/.test(y)")).toEqual([
      "a = b / c / d;     ",
      "s.replace(······g, ···)".replace("······g", "······g"),
      "················ + 1",
      "return ···.test(y)",
    ]);
  });

  it("takes lifetimes, runes and raw strings for what they are", () => {
    expect(masks("a.rs", "fn f<'a>(x: &'a str) { let c = '\"'; }")).toEqual(["fn f<'a>(x: &'a str) { let c = ···; }"]);
    expect(masks("a.go", "s := `a", '"b` + "c"')).toEqual(["s := ··", "··· + ···"]);
  });

  it("keeps the length of every line of any text", () => {
    const text = fc.array(
      fc.string({ unit: fc.constantFrom('"', "'", "`", "/", "*", "#", "\\", "$", "{", "}", "(", ")", "a", " ", "é", "😀") }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(text, fc.constantFrom("a.py", "a.ts", "a.go", "a.rs", "a.rb"), (lines, path) => {
        const masked = maskLines(lines, language(path));
        expect(masked.map((line) => line.text)).toEqual(lines);
        expect(masked.map((line) => line.mask.length)).toEqual(lines.map((line) => line.length));
      }),
    );
  });
});
