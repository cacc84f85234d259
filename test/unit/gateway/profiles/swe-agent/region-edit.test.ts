import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { regionEdit } from "../../../../../core/gateway/profiles/swe-agent/region-edit.ts";

const text = fc.array(fc.constantFrom("", "a", "b", "    return 1", "aa"), { maxLength: 12 }).map((lines) => lines.join("\n"));

describe("the region of a change", () => {
  it("stands once in the text, and its replacement makes the other text of it", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const region = regionEdit(before, after);
        if (region === null) return before === after || before === "";
        expect(before.split(region.oldText)).toHaveLength(2);
        expect(before.indexOf(region.oldText)).toBe(before.lastIndexOf(region.oldText));
        expect(before.replace(region.oldText, () => region.newText)).toBe(after);
        return region.newText !== "" || after === "";
      }),
    );
  });

  it("is no larger than it must be", () => {
    expect(regionEdit("a\nb\nc\nd", "a\nB\nc\nd")).toEqual({ oldText: "b", newText: "B" });
    expect(regionEdit("x\ny\nx\nz", "x\ny\nX\nz")).toEqual({ oldText: "y\nx\nz", newText: "y\nX\nz" });
  });

  it("takes a neighbour in where lines are only added or only removed", () => {
    expect(regionEdit("a\nb\n", "a\nnew\nb\n")).toEqual({ oldText: "a\nb", newText: "a\nnew\nb" });
    expect(regionEdit("a\nb\nc", "a\nc")).toEqual({ oldText: "a\nb\nc", newText: "a\nc" });
  });
});
