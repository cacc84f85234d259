import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spacedJson } from "../../../../../core/agent/spaced-json.ts";
import { createJsonGate } from "../../../../../core/gateway/profiles/native/json-gate.ts";
import { repairJson } from "../../../../../core/gateway/reply/repair-json.ts";

const anyObject = fc.oneof(
  fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
  fc.record({ command: fc.string({ unit: "binary" }), n: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
);
const anyJson = fc
  .tuple(
    anyObject,
    fc.constantFrom(spacedJson, JSON.stringify, (value: unknown) => JSON.stringify(value, null, "\t")),
  )
  .map(([value, write]) => write(value));

/** Cuts a text at the given places, wherever they fall. */
const cut = (text: string, places: readonly number[]): string[] => {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length));
};
const places = fc.array(fc.nat(), { maxLength: 12 });

/** JSON that something was done to. */
const broken = fc
  .tuple(anyJson, fc.nat(), fc.nat({ max: 4 }), fc.constantFrom("", "\n", ",", "}", "]", '"', "\\", "'", "x", ":", "\t", "0"))
  .map(([json, at, drop, put]) => {
    const place = at % (json.length + 1);
    return json.slice(0, place) + put + json.slice(place + drop);
  });

function run(pieces: readonly string[]) {
  const gate = createJsonGate();
  const passed = pieces.map((piece) => gate.push(piece));
  return { passed, text: passed.join(""), rest: gate.rest(), gate };
}

describe("arguments on their way", () => {
  test("valid JSON comes out as it went in, however it is cut", () => {
    fc.assert(
      fc.property(anyJson, places, (json, at) => {
        const { text, rest } = run(cut(json, at));
        expect(rest).not.toBeNull();
        expect(text + rest).toBe(json);
      }),
      { numRuns: 400 },
    );
  });

  test("how it is cut makes no difference to what comes out in the end", () => {
    fc.assert(
      fc.property(broken, places, (text, at) => {
        const whole = run([text]);
        const pieces = run(cut(text, at));
        expect({ text: pieces.text, rest: pieces.rest }).toEqual({ text: whole.text, rest: whole.rest });
      }),
      { numRuns: 400 },
    );
  });

  test("what came out may always go on to a valid object, and is complete only with its rest", () => {
    fc.assert(
      fc.property(broken, places, (text, at) => {
        const { passed, gate } = run(cut(text, at));
        let soFar = "";
        for (const piece of passed) {
          soFar += piece;
          expect(soFar === "" || completions(soFar).some(isObject)).toBe(true);
          expect(isObject(soFar)).toBe(false);
        }
        expect(gate.passed).toBe(soFar);
      }),
      { numRuns: 400 },
    );
  });

  test("agrees with the repair of the whole where it lets an object through", () => {
    fc.assert(
      fc.property(broken, (text) => {
        const { text: passed, rest } = run([text]);
        fc.pre(rest !== null);
        expect(JSON.parse(passed + rest)).toEqual(JSON.parse(repairJson(text) ?? "null"));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["a string as it grows", ['{"command": "ls', " -la", '"', "}"], ['{"command": "ls', " -la", '"', ""], "}"],
    ["nothing before the first colon", ["{", '"command"', ":"], ["", "", '{"command":'], null],
    ["a literal line break as an escape", ['{"a": "x\ny"}'], ['{"a": "x\\ny"'], "}"],
    ["no comma before a bracket", ['{"a": 1,', " }"], ['{"a": 1', ""], " }"],
    ["whole escapes", ['{"a": "\\', "u00", "e9"], ['{"a": "', "", "\\u00e9"], null],
    ["nothing of an object that is followed by another", ['{"a": 1}', '{"b": 2}'], ['{"a": 1', ""], null],
    ["nothing behind what is broken", ['{"a": tru', "x", "e}"], ['{"a": tru', "", ""], null],
    ["nothing that is no object", ["ls -la"], [""], null],
    ["an empty object", ["{ }"], [""], "{ }"],
    ["one bracket too many", ['{"a": 1}}'], ['{"a": 1'], "}"],
  ])("lets through %s", (_, pieces, passed, rest) => {
    const ran = run(pieces);
    expect(ran.passed).toEqual(passed);
    expect(ran.rest).toBe(rest);
  });
});

/** A beginning of JSON with each way of ending what may be open at its end. */
function completions(text: string): string[] {
  const closers: string[] = [];
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    if (inString && text[at] === "\\") at++;
    else if (text[at] === '"') inString = !inString;
    else if (!inString && text[at] === "{") closers.unshift("}");
    else if (!inString && text[at] === "[") closers.unshift("]");
    else if (!inString && /[}\]]/.test(text[at]!)) closers.shift();
  }
  const ends = inString ? ['"', '":0'] : ["", "0", "null", ":0", ...["rue", "ue", "e", "alse", "lse", "se", "ull", "ll", "l"]];
  return ends.map((end) => text + end + closers.join(""));
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
