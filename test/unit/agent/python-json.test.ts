import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pythonJson } from "../../../core/agent/python-json.ts";
import { escapeJson, unescapeJson } from "../../../core/agent/reserved-literals.ts";
import { spacedJson } from "../../../core/agent/spaced-json.ts";
import { anyJsonText } from "./json-text.ts";

function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]));
}

/** That it is Python's own spelling is shown against Python, in test/contract/dataset/python-json.test.ts. */
describe("pythonJson", () => {
  test.each([
    ['{"b":1.0,"a":"\\u00e9"}', '{"b": 1.0, "a": "é"}'],
    ["[1e5,1e16,1e-5,-0,-0.0,1E2]", "[100000.0, 1e+16, 1e-05, 0, -0.0, 100.0]"],
    ["10000000000000000000001", "10000000000000000000001"],
    ['{"a":1,"b":2,"a":3}', '{"a": 3, "b": 2}'],
    ['{"2":1,"1":2}', '{"2": 1, "1": 2}'],
    ['"\\ud800 \\ud83d\\ude00\\/"', '"\ufffd 😀/"'],
    ['"\ud800"', '"\ufffd"'],
    [" {\n} ", "{}"],
  ])("%j becomes %j", (text, dumped) => {
    expect(pythonJson(text)).toBe(dumped);
  });

  test.each(["", "{", "NaN", "1e400", '{"a":-1e999}', "1".repeat(5000), "[".repeat(300) + "]".repeat(300)])("refuses %.20j", (text) => {
    expect(pythonJson(text)).toBeNull();
  });

  test("property: what is written stays as it is, and means the same", () => {
    fc.assert(
      fc.property(anyJsonText, (text) => {
        const dumped = pythonJson(text)!;
        expect(pythonJson(dumped)).toBe(dumped);
        expect(JSON.parse(dumped)).toEqual(wellFormed(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  test("property: a reserved literal that is escaped leaves it what it is", () => {
    const withTags = anyJsonText.map((text) => text.replaceAll('"a"', '"<think>"').replaceAll("\\u0061", "<\\\\\\\\|im_end|>"));
    fc.assert(
      fc.property(withTags, (text) => {
        const dumped = pythonJson(text);
        fc.pre(dumped !== null);
        const escaped = escapeJson(dumped);
        expect(pythonJson(escaped)).toBe(escaped);
        expect(unescapeJson(escaped)).toBe(dumped);
      }),
    );
  });

  test("property: values of ours are written in the same way as text is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(spacedJson(value)).toBe(pythonJson(JSON.stringify(value)));
      }),
    );
  });

  test("reads strings of a megabyte without a stack of their size", () => {
    const text = JSON.stringify({ text: '\\"é'.repeat(250_000) });
    expect(pythonJson(text)).toBe(`{"text": ${text.slice(8)}`);
  });
});
