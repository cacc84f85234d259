import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonObject } from "../../../../core/agent/json-members.ts";
import { repairJson } from "../../../../core/gateway/reply/repair-json.ts";

describe("repairJson", () => {
  it.each([
    ['{"a": [1, {"b": 2', '{"a": [1, {"b": 2}]}'],
    ['{"a": 1}}', '{"a": 1}'],
    ['{"a": 1}\n}]', '{"a": 1}'],
    ['{"a": [1,], }', '{"a": [1] }'],
    ['{"a": "x\n\ty\u0001"}', '{"a": "x\\n\\ty\\u0001"}'],
    ['{"a": "\\"\n"', '{"a": "\\"\\n"}'],
    ['{"a": 1}', '{"a": 1}'],
  ])("mends %j", (broken, right) => {
    expect(repairJson(broken)).toBe(right);
  });

  it.each([
    ['{"a": "x'],
    ['{"a": "x}'],
    ['{"a": 1,'],
    ['{"a"'],
    ['{"a": '],
    ['{"a": tru'],
    ['{"a": [1}'],
    ['{"a": 1} and more'],
    ['{"a": "line \\\n next"}'],
    ["{'a': 1}"],
    ["[1"],
    [""],
    ["}"],
    ['{"a": 1} {"b": 2}'],
  ])("leaves %j alone", (broken) => {
    expect(repairJson(broken)).toBeNull();
  });

  it("finds what was there before brackets at the end were lost", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value);
        const lost = json.replace(/[}\]]+$/, "");
        const repaired = repairJson(lost);
        // Without brackets an empty object or list may be a value that is missing: then nothing is said.
        expect(repaired ?? (/[,:]$|^$/.test(lost) ? json : null)).toBe(json);
      }),
    );
  });

  it("gives JSON or nothing, whatever it is given", () => {
    const piece = fc.constantFrom("{", "}", "[", "]", '"', ",", ":", "1", "a", "\\", "\n", " ");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const repaired = repairJson(pieces.join(""));
        expect(repaired === null || isJsonObject(repaired)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
