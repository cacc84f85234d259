import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outputOf } from "../../../core/svg/output-tag.ts";

describe("outputOf", () => {
  it("takes the last tagged text, trimmed", () => {
    expect(outputOf("I must answer <output>yes</output> or no.\n<output>\n no \n</output>")).toBe("no");
  });

  it("gives null without a complete tag or with nothing inside", () => {
    for (const reply of ["", "yes", "<output>yes", "yes</output>", "<output>  </output>", "</output><output>"]) {
      expect(outputOf(reply)).toBeNull();
    }
  });

  it("finds any text between tags, whatever stands around it", () => {
    const plain = fc.string().filter((text) => !text.includes("output>"));
    fc.assert(
      fc.property(plain, plain, plain, (before, text, after) => {
        expect(outputOf(`${before}<output>${text}</output>${after}`)).toBe(text.trim() === "" ? null : text.trim());
      }),
    );
  });
});
