import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spacedJson } from "../../../../core/agent/spaced-json.ts";
import { trimLines } from "../../../../core/gateway/state/client-edits.ts";
import { decodeCallId, encodeCallId } from "../../../../core/gateway/state/call-id.ts";
import type { CallState } from "../../../../core/gateway/state/state.ts";

const call = (name: string, text: string, more: Partial<CallState> = {}): CallState => ({
  name,
  arguments: text,
  step: 0,
  before: "",
  isUnparsed: false,
  ...more,
});

/** Any UTF-16 at all, halves of pairs included. */
const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom("a", " ", "\t", "\n", "\r\n", "\r", '"', "\\", "<think>", "/testbed", "é", "😀", "{", "}"), { maxLength: 40 })
    .map((parts) => parts.join("")),
);

const anyInput = fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(anyText, fc.jsonValue()), { maxKeys: 6 });

/** What models write of an input: several ways of writing JSON, and broken forms of them. */
const argumentsOf = (input: object) =>
  fc.oneof(
    fc.constantFrom(JSON.stringify(input), spacedJson(input), JSON.stringify(input, null, 2)),
    fc.nat().map((cut) => spacedJson(input).slice(0, cut % (spacedJson(input).length + 1))),
    fc.constant(spacedJson(input).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)),
    anyText,
  );

const anyCase = anyInput.chain((input) =>
  fc.record({
    input: fc.constant(input),
    state: fc.record({
      name: anyText,
      arguments: argumentsOf(input),
      step: fc.nat(),
      before: fc.constantFrom("", "\n", "\n\n", "  "),
      isUnparsed: fc.boolean(),
    }),
  }),
);

const shuffled = (input: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(input).toReversed());

describe("a call's state in its id", () => {
  test("comes back exactly, for any state and any input", () => {
    fc.assert(
      fc.property(anyCase, ({ state, input }) => {
        const id = encodeCallId(state, input, "x1");
        expect(id).toMatch(/^toolu_x1_[A-Za-z0-9_-]+$/);
        expect(decodeCallId(id, input)).toEqual(state);
      }),
      { numRuns: 400 },
    );
  });

  test("comes back exactly when the client reordered the input, gave it more members, and took white space from the ends of lines", () => {
    fc.assert(
      fc.property(anyCase, ({ state, input }) => {
        const echoed = Object.fromEntries(
          Object.entries(shuffled(input)).map(([key, value]) => [key, typeof value === "string" ? trimLines(value) : value]),
        );
        expect(decodeCallId(encodeCallId(state, input, "x"), { replace_all: false, ...echoed, "another one": "x" })).toEqual(state);
      }),
      { numRuns: 400 },
    );
  });

  test("comes back exactly with any derivation", () => {
    const derivations = [(text: string) => text.replaceAll("/home/me", "/testbed"), (text: string) => text.toUpperCase(), () => "same"];
    fc.assert(
      fc.property(anyCase, fc.constantFrom(...derivations), ({ state, input }, derive) => {
        const written = { ...state, arguments: derive(state.arguments) };
        expect(decodeCallId(encodeCallId(written, input, "x", derive), input, derive)).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });

  test("is short where the input says the same", () => {
    const command = "cd src && grep -rn 'find_route' --include='*.py' . | head -50";
    const bash = encodeCallId(call("bash", spacedJson({ command })), { command }, "01h7");
    expect(bash.length).toBeLessThan(40);
    const content = "line of a file\n".repeat(3000);
    const edit = { file_path: "/home/me/repo/a.py", old_string: content, new_string: `${content}x = "é"  \n` };
    const derive = (text: string) => text.replace("/home/me/repo", "/testbed");
    const written = JSON.stringify({ command: "str_replace", path: "/testbed/a.py", old_str: edit.old_string, new_str: edit.new_string });
    const id = encodeCallId(call("str_replace_editor", written), edit, "01h8", derive);
    expect(id.length).toBeLessThan(120);
    expect(decodeCallId(id, { replace_all: false, ...edit, new_string: trimLines(edit.new_string) }, derive)?.arguments).toBe(written);
  });

  test.each([
    ["Python's escapes", String.raw`{"command": "echo '\u00e9 \ud83d\ude00 and more'"}`, { command: "echo 'é 😀 and more'" }],
    ["escaped reserved literals", String.raw`{"command": "grep '<\\think>' a.py"}`, { command: "grep '<think>' a.py" }],
    ["both", String.raw`{"command": "grep '<\\think> \u00e9' a.py"}`, { command: "grep '<think> é' a.py" }],
  ])("knows %s as the input's own text", (_, text, input) => {
    const id = encodeCallId(call("bash", text), input, "u");
    expect(id.length).toBeLessThan(48);
    expect(decodeCallId(id, input)).toEqual(call("bash", text));
  });

  test.each([
    ["a directory change", "cd /home/me/repo && make test-all", "make test-all"],
    ["an escaped semicolon", "find . -exec echo {} \\\\;", "find . -exec echo {} \\;"],
    ["half a pair", "echo '\ud800' and more of it", "echo '\ufffd' and more of it"],
  ])("does not rely on %s, which clients rewrite", (_, command, echoed) => {
    const state = call("bash", spacedJson({ command }));
    expect(decodeCallId(encodeCallId(state, { command }, "u"), { command: echoed })).toEqual(state);
  });

  test("holds a huge text exactly, whether the input has it or not", () => {
    const text = Array.from({ length: 40_000 }, (_, line) => `line ${line} ${(line * 2654435761) % 4294967296} "\\\n`).join("");
    for (const input of [{ text }, {}]) {
      const state = call("bash", JSON.stringify({ text }));
      expect(decodeCallId(encodeCallId(state, input, "u"), input)).toEqual(state);
    }
  });

  test("is null for an input that has lost what the id refers to", () => {
    const command = "a command that is long enough";
    expect(decodeCallId(encodeCallId(call("bash", spacedJson({ command })), { command }, "u"), {})).toBeNull();
  });
});

describe("ids of others", () => {
  const packed = (value: unknown) => `toolu_x_1${deflateRawSync(JSON.stringify(value)).toString("base64url")}`;

  test.each([
    "",
    "toolu_",
    "toolu_01A09q90qw90lq917835lq9",
    "toolu_1_0",
    "toolu_1_1",
    "toolu_x_1!!!!",
    "toolu_x_2abcd",
    "call_0",
    "toolu_x_1AAAA",
    packed({}),
    packed(null),
    packed([]),
    packed(["bash"]),
    packed([1, "{}"]),
    packed(["bash", "{}", -1]),
    packed(["bash", "{}", 0.5]),
    packed(["bash", "{}", 0, 1]),
    packed(["bash", "{}", 0, "", "yes"]),
    packed(["bash", "{}", 0, "", true, 1]),
    packed(["bash", [[0, "__proto__"]]]),
    packed(["bash", [[0, ["command", "length"]]]]),
    packed(["bash", [[9, "command"]]]),
    packed(["bash", [[1.5, "command"]]]),
    packed(["bash", [[0, "command", [99, " "]]]]),
    packed(["bash", [[0, "command", [0, "x"]]]]),
    packed(["bash", [[0, "command", [-1, " "]]]]),
    packed(["bash", [[4, "command"]]]),
    packed(["bash", [null]]),
    packed(["bash", 7]),
  ])("%j is none of ours", (id) => {
    expect(decodeCallId(id, { command: "ls" })).toBeNull();
  });

  test("any text is read without an error", () => {
    fc.assert(
      fc.property(fc.base64String(), fc.jsonValue(), (noise, value) => {
        const id = `toolu_x_1${noise}`;
        const other = packed(value);
        for (const hostile of [id, other]) {
          const state = decodeCallId(hostile, { command: "ls" });
          expect(state === null || typeof state.arguments === "string").toBe(true);
        }
      }),
    );
  });

  test("a bomb is not unpacked", () => {
    const zeros = `["bash","${" ".repeat(9 * 1024 * 1024)}"]`;
    expect(decodeCallId(`toolu_x_1${deflateRawSync(zeros).toString("base64url")}`, {})).toBeNull();
  });

  test("one long string named often does not grow without end", () => {
    const command = "x".repeat(100_000);
    expect(decodeCallId(packed(["bash", Array.from({ length: 2000 }, () => [0, "command"])]), { command })).toBeNull();
  });
});
