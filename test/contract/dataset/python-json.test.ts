import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { pythonJson } from "../../../core/agent/python-json.ts";
import { spacedJson } from "../../../core/agent/spaced-json.ts";
import { mini } from "../../../core/agent/toolsets/mini/index.ts";
import { toolsetNamed } from "../../../core/agent/toolsets/index.ts";
import { anyJsonText, anyNumberText } from "../../unit/agent/json-text.ts";
import { runPython, venvPython } from "./python.ts";

let python: string;

beforeAll(() => {
  python = venvPython();
}, 600_000);

/** What Python makes of each text; lone surrogates, which Python keeps, as the replacement character. */
function dumpedByPython(texts: readonly string[]): readonly (string | null)[] {
  const input = `${texts.map((text) => JSON.stringify(text)).join("\n")}\n`;
  const lines = runPython(python, "dump_json.py", [], input).trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as string | null)?.toWellFormed() ?? null);
}

describe("JSON text is written as Python's json.dumps(json.loads(…), ensure_ascii=False) writes it", () => {
  test("numbers", () => {
    const edges = ["1e15", "1e16", "123456789012345680.0", "0.0001", "0.00001", "9999999999999999.0", "5e-324", "1.7976931348623157e308"];
    const drawn = fc.sample(fc.oneof(anyNumberText, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), {
      numRuns: 20_000,
      seed: 1,
    });
    const texts = [...edges, "1e400", "-1e400", "1e-400", "-0", "-0.0", "0e7", "1".repeat(4300), "1".repeat(4301), ...drawn];
    expect(texts.map(pythonJson)).toEqual(dumpedByPython(texts));
  });

  test("documents, in any spelling, and what is none", () => {
    const texts = [
      ...fc.sample(anyJsonText, { numRuns: 4_000, seed: 2 }),
      ...fc.sample(fc.string({ unit: fc.constantFrom(...'{}[],:"\\ue1.-0 truefalsn\n'.split("")) }), { numRuns: 4_000, seed: 3 }),
      ...["NaN", "Infinity", "-Infinity", '{"a": NaN}', "\ufeff{}", "\u00a01", '"\u0001"', '"\u007f\u2028"', "01", "1.", ".5", "+1", "'a'"],
    ];
    expect(texts.map(pythonJson)).toEqual(dumpedByPython(texts));
  });

  test("values of ours, tool definitions among them", () => {
    const values = [...toolsetNamed("swe-agent").tools, ...mini.tools, ...fc.sample(fc.jsonValue(), { numRuns: 2_000, seed: 5 })];
    expect(values.map(spacedJson)).toEqual(dumpedByPython(values.map((value) => JSON.stringify(value))));
  });
});
