import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keyIn } from "../../../drivers/secrets/key-in.ts";

test.each([
  ["sk-1", "sk-1"],
  [" sk-1\n", "sk-1"],
  ['{"apiKey":"sk-1"}', "sk-1"],
  ['\n{ "apiKey": " sk-1 ", "other": 1 }', "sk-1"],
  ["", null],
  [" \n", null],
  ["two words", null],
  ["é", null],
  ["{}", null],
  ["{", null],
  ['{"apiKey":7}', null],
  ['{"apiKey":""}', null],
  ['{"apikey":"sk-1"}', null],
])("%j holds %j", (text, key) => {
  expect(keyIn(text)).toBe(key);
});

test("any text gives a key that a header can carry, or none", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((apiKey) => JSON.stringify({ apiKey })),
    fc.json(),
  );
  fc.assert(
    fc.property(text, (any) => {
      expect(keyIn(any) ?? "x").toMatch(/^[\x21-\x7e]+$/);
    }),
  );
});
