import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeJson } from "../../../../../core/agent/reserved-literals.ts";
import { createMessageDocument } from "../../../../../core/gateway/client/message-document.ts";
import { createNativeReader } from "../../../../../core/gateway/profiles/native/read-reply.ts";
import type { FinishReason } from "../../../../../core/gateway/profiles/profile.ts";
import type { ReplyPart } from "../../../../../core/gateway/reply/part.ts";
import { decodeCallId } from "../../../../../core/gateway/state/call-id.ts";
import { decodeSignature } from "../../../../../core/gateway/state/signature.ts";

interface Seen {
  readonly content: readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
  /** Deltas of inputs as they were written. */
  readonly inputs: readonly string[];
}

function read(parts: readonly ReplyPart[], finish: FinishReason = "stop", stop: string | null = null, escapesReserved = false): Seen {
  const document = createMessageDocument({ id: "msg_1", model: "m" });
  const inputs: string[] = [];
  const sink = { ...document, toolInput: (json: string) => (inputs.push(json), document.toolInput(json)) };
  let count = 0;
  const reader = createNativeReader({ escapesReserved }, sink, () => `${++count}`);
  for (const part of parts) reader.take(part);
  return { ...document.end(reader.end(finish, stop), { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 }), inputs } as unknown as Seen;
}

const call = (name: string, ...texts: string[]): ReplyPart[] => [
  { kind: "call", name },
  ...texts.map((text) => ({ kind: "arguments", text }) as const),
  { kind: "called", isWhole: true },
];

describe("a reply of the model", () => {
  test("thought, text and calls in their order, arguments as they come", () => {
    const frame = { place: "content", open: "<think>\n", close: "\n</think>\n\n" } as const;
    const seen = read([
      { kind: "thinking", text: "Hm" },
      { kind: "thinking", text: "m." },
      { kind: "thought", frame },
      { kind: "text", text: "I look." },
      ...call("Bash", '{"command": "l', 's -la"', "}"),
      ...call("Read", '{"file_path": "/a"}'),
    ]);
    expect(seen.content).toMatchObject([
      { type: "thinking", thinking: "Hmm." },
      { type: "text", text: "I look." },
      { type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls -la" } },
      { type: "tool_use", id: "toolu_2", name: "Read", input: { file_path: "/a" } },
    ]);
    expect(decodeSignature(String(seen.content[0]!["signature"]))).toEqual({ kind: "thought", frame });
    expect(seen.inputs.slice(0, 3)).toEqual(['{"command": "l', 's -la"', "}"]);
    expect(seen.stop_reason).toBe("tool_use");
  });

  test("white space in front of a call rides in its id", () => {
    const seen = read([{ kind: "text", text: "I look.\n" }, { kind: "text", text: "\n" }, ...call("Bash", '{"command": "ls"}')]);
    expect(seen.content[0]).toEqual({ type: "text", text: "I look." });
    expect(decodeCallId(String(seen.content[1]!["id"]), {})).toMatchObject({ before: "\n\n" });
  });

  test("white space elsewhere stays where it is", () => {
    const seen = read([
      { kind: "text", text: "  a \n" },
      { kind: "text", text: " b\n" },
    ]);
    expect(seen.content).toEqual([{ type: "text", text: "  a \n b\n" }]);
  });

  test.each<[FinishReason, string | null, readonly ReplyPart[], string]>([
    ["stop", null, [], "end_turn"],
    ["stop", "END", [], "stop_sequence"],
    ["length", null, [], "max_tokens"],
    ["refused", null, [], "refusal"],
    ["calls", null, call("Bash", "{}"), "tool_use"],
    ["stop", null, call("Bash", "{}"), "tool_use"],
    ["length", null, call("Bash", "{}"), "max_tokens"],
  ])("that ends by %s, %j", (finish, stop, parts, reason) => {
    const seen = read(parts, finish, stop);
    expect(seen.stop_reason).toBe(reason);
    expect(seen.stop_sequence).toBe(reason === "stop_sequence" ? stop : null);
  });

  test("of nothing visible gets no words of ours", () => {
    expect(read([]).content).toEqual([]);
    expect(read([{ kind: "text", text: " \n" }]).content).toEqual([]);
    const thought = read([
      { kind: "thinking", text: "Hm." },
      { kind: "thought", frame: { place: "reasoning" } },
    ]);
    expect(thought.content.map((block) => block.type)).toEqual(["thinking"]);
  });

  test.each([
    ["none", [""], {}],
    ["null", ["null"], {}],
    ["a lost bracket", ['{"command": "ls"'], { command: "ls" }],
    ["a comma too many", ['{"command": "ls",', "}"], { command: "ls" }],
    ["a literal line break", ['{"command": "ls\n', 'pwd"}'], { command: "ls\npwd" }],
    ["an object in a string", [String.raw`"{\"command\": \"ls\"}"`], { command: "ls" }],
    ["a program's own notation", ["{'command': 'ls'}"], { unparsed_input: "{'command': 'ls'}" }],
    ["no object at all", ["ls -la"], { unparsed_input: "ls -la" }],
    ["two objects", ['{"command": "ls"}', '{"command": "rm"}'], { unparsed_input: '{"command": "ls"' }],
    ["a string that is not closed", ['{"command": "rm -rf /tmp/x'], { unparsed_input: '{"command": "rm -rf /tmp/x' }],
  ])("with %s for arguments", (_, texts, input) => {
    const seen = read(call("Bash", ...texts));
    expect(seen.content).toMatchObject([{ name: "Bash", input }]);
    expect(seen.content[0]!["input"]).toEqual(input);
    expect(seen.stop_reason).toBe("tool_use");
  });

  test("that is cut in a call never gives an input that can be run", () => {
    const whole = '{"command": "rm -rf /tmp/x/y", "timeout": 1000}';
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), (length) => {
        const seen = read(
          [
            { kind: "call", name: "Bash" },
            { kind: "arguments", text: whole.slice(0, length) },
            { kind: "called", isWhole: false },
          ],
          "length",
        );
        expect(seen.stop_reason).toBe("max_tokens");
        const input = seen.content[0]!["input"];
        expect(Object.keys(input as object)).toEqual(["unparsed_input"]);
      }),
    );
  });

  test("that is cut behind a complete call keeps it", () => {
    const seen = read(
      [
        { kind: "call", name: "Bash" },
        { kind: "arguments", text: '{"command": "ls"}' },
        { kind: "called", isWhole: false },
      ],
      "length",
    );
    expect(seen.content[0]!["input"]).toEqual({ command: "ls" });
  });

  test("with something between call tags that is no call becomes one that the client refuses", () => {
    const named = read([{ kind: "unparsed", text: '{"name": "Bash", "arguments": {"command": }' }]);
    expect(named.content).toMatchObject([{ name: "Bash", input: { unparsed_input: '{"name": "Bash", "arguments": {"command": }' } }]);
    const nameless = read([{ kind: "unparsed", text: "ls" }, ...call("", "{}")]);
    expect(nameless.content).toMatchObject([
      { name: "unparsed_tool_call", input: { unparsed_input: "ls" } },
      { name: "unparsed_tool_call" },
    ]);
    expect(nameless.stop_reason).toBe("tool_use");
  });

  test("gives arguments back their reserved literals, wherever the pieces are cut", () => {
    const input = fc.record({
      command: fc
        .array(fc.constantFrom("<", "\\", "think>", "/think>", "tool_call>", "|im_end|>", "function=", "x", '"', "<think>"))
        .map((parts) => parts.join("")),
    });
    fc.assert(
      fc.property(input, fc.array(fc.nat(), { maxLength: 8 }), (value, cuts) => {
        const written = escapeJson(JSON.stringify(value));
        const at = [...new Set([0, ...cuts.map((cut) => cut % written.length)])].toSorted((a, b) => a - b);
        const texts = at.map((from, index) => written.slice(from, at[index + 1]));
        expect(read(call("Bash", ...texts), "stop", null, true).content[0]!["input"]).toEqual(value);
      }),
      { numRuns: 400 },
    );
  });
});
