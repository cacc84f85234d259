import fc from "fast-check";
import { expect, test } from "vitest";
import { lineTails, trimLines, withLineTails } from "../../../../core/gateway/state/client-edits.ts";

const lines = fc
  .array(fc.constantFrom("x", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2028", "y z", "\v"), { maxLength: 30 })
  .map((parts) => parts.join(""));

test("what is taken from the ends of lines can be put back", () => {
  fc.assert(
    fc.property(lines, (text) => {
      expect(withLineTails(trimLines(text), lineTails(text))).toBe(text);
      expect(trimLines(trimLines(text))).toBe(trimLines(text));
    }),
  );
});

test("line breaks stay as they are", () => {
  expect(trimLines("p = 1   \nq = 2\t \n\n\n")).toBe("p = 1\nq = 2\n\n\n");
  expect(trimLines("a  \r\nb\r\n")).toBe("a\r\nb\r\n");
});
