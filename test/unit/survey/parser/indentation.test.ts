import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readIndentation } from "../../../../core/survey/parser/indentation.ts";

const SOURCE = `class A {
  first() {
    a();
  }

  second(
    b,
  ) {
    c();
  }
}
other();`.split("\n");

describe("readIndentation", () => {
  const suspects = (row: number): string[] =>
    readIndentation(SOURCE)
      .suspects(row)
      .map(({ start, end }) => `${start}-${end}`);

  it("suspects the block of a row and the one before it, smallest first", () => {
    expect(suspects(5)).toEqual(expect.arrayContaining(["5-10", "1-5", "1-10", "0-11"]));
    const sizes = readIndentation(SOURCE)
      .suspects(5)
      .map(({ start, end }) => end - start);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });

  it("counts closing lines to the block that they close", () => {
    expect(suspects(8)).toContain("5-10");
  });

  it("suspects rows of the text alone", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("", "a", "  a", "\tb", "}", "  end", "    c", "\r")), fc.nat(), (lines, at) => {
        fc.pre(lines.length > 0);
        for (const { start, end } of readIndentation(lines).suspects(at % lines.length)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(lines.length);
        }
      }),
    );
  });
});
