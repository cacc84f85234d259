import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { mini } from "../../../core/agent/toolsets/mini/index.ts";
import { toolsetNamed } from "../../../core/agent/toolsets/index.ts";
import { spacedJson } from "../../../core/agent/spaced-json.ts";
import { runPython, venvPython } from "./python.ts";

let python: string;

beforeAll(() => {
  python = venvPython();
}, 600_000);

test("tool definitions are written as Python's json.dumps with ensure_ascii=False writes them", () => {
  // Floats are spelled differently by the two languages; definitions hold none.
  const leaf = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary-ascii" }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("value")), fc.dictionary(fc.string({ unit: "grapheme" }), tie("value"))),
  }));
  const values = [...toolsetNamed("swe-agent").tools, ...mini.tools, ...fc.sample(value, { numRuns: 1000, seed: 5 })];
  const lines = values.map((each) => JSON.stringify(each)).filter((line) => !line.includes("__proto__"));
  const theirs = runPython(python, "dump_json.py", [], `${lines.join("\n")}\n`)
    .trimEnd()
    .split("\n");
  expect(lines.map((line) => spacedJson(JSON.parse(line)))).toEqual(theirs.map((line): unknown => JSON.parse(line)));
});
