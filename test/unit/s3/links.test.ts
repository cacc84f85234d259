import * as fc from "fast-check";
import { expect, test } from "vitest";
import { attachment } from "../../../drivers/s3/links.ts";

test("any name becomes one header line that gives the name back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const header = attachment(name);
      const found = /^attachment; filename="([ !#$&-~]*)"; filename\*=UTF-8''([\w!#$&+.^`|~%-]+)$/.exec(header);
      expect(found, header).not.toBeNull();
      const told = decodeURIComponent(found![2]!);
      expect(told).not.toMatch(/[/\\\p{C}]/u);
      const isPlain = name !== "" && name.length <= 200 && !/[/\\\p{C}]/u.test(name);
      expect(isPlain ? told : name).toBe(name);
    }),
  );
});

test("half of a character at the end of a long name is no error", () => {
  expect(attachment(`${"x".repeat(199)}\u{1f600}`)).toContain(`${"x".repeat(199)}_"`);
  expect(attachment("")).toBe(`attachment; filename="download"; filename*=UTF-8''download`);
});
