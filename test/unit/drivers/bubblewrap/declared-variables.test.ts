import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDeclaredVariables } from "../../../../drivers/bubblewrap/declared-variables.ts";
import { quote } from "../../../../drivers/bubblewrap/quote.ts";

const declared = (text: string): Map<string, string> => parseDeclaredVariables(Buffer.from(text));

describe("variables as bash declares them", () => {
  test("plain, escaped and multi-line values", () => {
    expect(declared('declare -x A="b c"\n')).toEqual(new Map([["A", "b c"]]));
    expect(declared('declare -x Q="a\\"b\\$c\\\\d\\`e"\n')).toEqual(new Map([["Q", 'a"b$c\\d`e']]));
    expect(declared('declare -x A="one\ntwo"\ndeclare -x B="3"\n')).toEqual(
      new Map([
        ["A", "one\ntwo"],
        ["B", "3"],
      ]),
    );
    expect(declared(String.raw`declare -x E=$'tab\there\E[0m\001\'quoted\''` + "\n")).toEqual(
      new Map([["E", "tab\there\x1b[0m\x01'quoted'"]]),
    );
  });

  test("what is not such a line is skipped", () => {
    expect(declared('declare -x EMPTY\ndeclare -a ARRAY=([0]="x")\nnoise\ndeclare -x OPEN="never closed')).toEqual(new Map());
    expect(declared('declare -rx R="kept"\n')).toEqual(new Map([["R", "kept"]]));
    expect(
      parseDeclaredVariables(Uint8Array.from([...Buffer.from('declare -x L="'), 0xff, ...Buffer.from('"\ndeclare -x B="2"\n')])),
    ).toEqual(new Map([["B", "2"]]));
  });

  test("any values come back from a real bash as they were set", () => {
    const values = fc.sample(
      fc.string({ unit: "grapheme", maxLength: 30 }).map((value) => value.replaceAll("\0", "")),
      { numRuns: 150, seed: 7 },
    );
    values.push("", " ", "\n", "\\", '"', "$(x)", "`x`", "!", "é\u0301", "a\\\nb", "\x7f\x01", "$'x'", "\u2028");
    const script = `${values.map((value, at) => `export V${at}=${quote(value)}`).join("\n")}\ndeclare -px`;
    const { stdout, status } = spawnSync("bash", ["--norc", "--noprofile"], {
      input: script,
      env: { LC_ALL: "C.UTF-8", PATH: process.env["PATH"] ?? "" },
    });
    expect(status).toBe(0);
    const found = parseDeclaredVariables(stdout);
    for (const [at, value] of values.entries()) expect(found.get(`V${at}`)).toBe(value);
  });
});
