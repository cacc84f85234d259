import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spacedJson } from "../../../../core/agent/spaced-json.ts";
import type { ReplyPart } from "../../../../core/gateway/reply/part.ts";
import type { SplitterOptions } from "../../../../core/gateway/reply/splitter.ts";
import type { CallDelta, ChatChunk } from "../../../../core/gateway/upstream/chat-chunk.ts";
import { contents, cutText, joined, PLAIN, split } from "./parts.ts";

const ESCAPED: SplitterOptions = { ...PLAIN, escapesReserved: true };
const CUT: ChatChunk = { finish: { reason: "length", stop: null } };
const STOP: ChatChunk = { finish: { reason: "stop", stop: null } };

/** A call short: name, arguments, and a mark where it was cut. */
type Short =
  | string
  | readonly [name: string, json: string]
  | readonly [name: string, json: string, cut: "cut"]
  | { readonly unparsed: string };

function short(parts: readonly ReplyPart[]): readonly Short[] {
  const list: Short[] = [];
  let name = "";
  let json = "";
  for (const part of joined(parts)) {
    if (part.kind === "text") list.push(part.text);
    else if (part.kind === "unparsed") list.push({ unparsed: part.text });
    else if (part.kind === "call") [name, json] = [part.name, ""];
    else if (part.kind === "arguments") json = part.text;
    else if (part.kind === "called") list.push(part.isWhole ? [name, json] : [name, json, "cut"]);
  }
  return list;
}

const calls = (...deltas: readonly CallDelta[]): readonly ChatChunk[] => deltas.map((delta) => ({ calls: [delta] }));

describe("calls in fields", () => {
  it("pass as they come", () => {
    const parts = split([
      { content: "Look:\n" },
      ...calls({ index: 0, id: "a", name: "bash" }, { index: 0, arguments: '{"command"' }, { index: 0, arguments: ': "ls"}' }),
    ]);
    expect(parts).toEqual([
      { kind: "text", text: "Look:\n" },
      { kind: "call", name: "bash" },
      { kind: "arguments", text: '{"command"' },
      { kind: "arguments", text: ': "ls"}' },
      { kind: "called", isWhole: true },
    ]);
  });

  it("of which the first is whole are passed on without waiting for the end", () => {
    const seen = split(calls({ index: 0, name: "x", arguments: "{}" }, { index: 1, name: "y" }, { index: 1, arguments: "{" }));
    expect(seen.map((part) => part.kind)).toEqual(["call", "arguments", "called", "call", "arguments", "called"]);
  });

  it("that are interleaved are put in order", () => {
    const parts = split(
      calls(
        { index: 0, id: "a", name: "x", arguments: '{"k":' },
        { index: 1, id: "b", name: "y", arguments: "{" },
        { index: 0, arguments: "1}" },
        { index: 1, arguments: "}" },
      ),
    );
    expect(short(parts)).toEqual([
      ["x", '{"k":1}'],
      ["y", "{}"],
    ]);
  });

  it("that all have the index 0 are told apart by their ids", () => {
    const parts = split(calls({ index: 0, id: "a", name: "x", arguments: "{}" }, { index: 0, id: "b", name: "y", arguments: '{"k":2}' }));
    expect(short(parts)).toEqual([
      ["x", "{}"],
      ["y", '{"k":2}'],
    ]);
  });

  it("whose name is repeated are one call", () => {
    const parts = split(
      calls(
        { index: 0, id: "a", name: "x", arguments: "{" },
        { index: 0, id: "a", name: "x", arguments: "}" },
        { index: 0, arguments: " " },
      ),
    );
    expect(short(parts)).toEqual([["x", "{} "]]);
  });

  it("without a name are handed on as what they are", () => {
    expect(short(split(calls({ index: 0, arguments: "{}" })))).toEqual([{ unparsed: "{}" }]);
  });

  it("may have no arguments, and are cut only where the room was out", () => {
    expect(short(split([...calls({ index: 0, name: "x" }), STOP]))).toEqual([["x", ""]]);
    expect(short(split([...calls({ index: 0, name: "x", arguments: '{"a' }), CUT]))).toEqual([["x", '{"a', "cut"]]);
    expect(short(split([...calls({ index: 0, name: "x", arguments: "{}" }), CUT]))).toEqual([["x", "{}"]]);
  });

  it("are not interrupted by text", () => {
    const [first, second] = calls({ index: 0, name: "x", arguments: '{"a":' }, { index: 0, arguments: "1}" });
    expect(short(split([first!, { content: "late" }, second!, { content: " too" }]))).toEqual([["x", '{"a":1}'], "late too"]);
  });

  it("come whole and in order, however they are interleaved", () => {
    const written = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 4 }).chain((values) => {
      const texts = values.map((value) => JSON.stringify({ value }));
      return fc.tuple(fc.constant(texts), fc.tuple(...texts.map((text) => cutText(text))), fc.infiniteStream(fc.nat()));
    });
    fc.assert(
      fc.property(written, ([texts, cut, picks]) => {
        const queues = cut.map((pieces, index) =>
          pieces.map((text, at): CallDelta => ({
            index,
            arguments: text,
            ...(at === 0 ? { id: `id${index}`, name: `tool${index}` } : {}),
          })),
        );
        const begun: CallDelta[][] = [queues[0]!];
        const deltas: CallDelta[] = [queues[0]!.shift()!];
        // A server begins its calls in their order; what follows may come in any.
        for (;;) {
          const open = begun.filter((queue) => queue.length > 0);
          const pick = picks.next().value! % (open.length + 1);
          if (pick < open.length) deltas.push(open[pick]!.shift()!);
          else if (begun.length < queues.length) {
            deltas.push(queues[begun.length]!.shift()!);
            begun.push(queues[begun.length]!);
          } else if (open.length === 0) break;
        }
        expect(short(split(calls(...deltas)))).toEqual(texts.map((text, index) => [`tool${index}`, text]));
      }),
    );
  });
});

const HERMES = '{"name": "bash", "arguments": {"command": "ls </tool_call> }"}}';
const ARGUMENTS = '{"command": "ls </tool_call> }"}';

describe("calls in the text", () => {
  it.each<[string, string, readonly Short[]]>([
    ["Hermes", `Go.\n<tool_call>\n${HERMES}\n</tool_call>`, ["Go.\n", ["bash", ARGUMENTS]]],
    ["text behind it", `<tool_call>${HERMES}</tool_call>\nDone`, [["bash", ARGUMENTS], "\nDone"]],
    [
      "two of them",
      `<tool_call>\n${HERMES}\n</tool_call>\n<tool_call>\n{"name":"x","arguments":{}}\n</tool_call>`,
      [["bash", ARGUMENTS], "\n", ["x", "{}"]],
    ],
    [
      "two in one pair of tags",
      '<tool_call>\n{"name":"x","arguments":{"a":1}}\n{"name":"y","arguments":{}}\n</tool_call>',
      [
        ["x", '{"a":1}'],
        ["y", "{}"],
      ],
    ],
    ["no closing tag", `<tool_call>\n${HERMES}`, [["bash", ARGUMENTS]]],
    ["no closing tag, and text", `<tool_call>\n${HERMES}\nSo.`, [["bash", ARGUMENTS], "\nSo."]],
    [
      "no closing tag, and a call",
      `<tool_call>\n${HERMES}\n<tool_call>\n${HERMES}\n</tool_call>`,
      [["bash", ARGUMENTS], "\n", ["bash", ARGUMENTS]],
    ],
    ["arguments in a string", '<tool_call>{"name":"x","arguments":"{\\"a\\": 1}"}</tool_call>', [["x", '{"a": 1}']]],
    ["no arguments", '<tool_call>{"name":"x"}</tool_call>', [["x", "{}"]]],
    ["the other name for them", '<tool_call>{"name":"x","parameters":{"a":1}}</tool_call>', [["x", '{"a":1}']]],
    ["missing brackets", '<tool_call>\n{"name":"x","arguments":{"a":[1\n</tool_call>', [["x", '{"a":[1]}']]],
    ["brackets too many", '<tool_call>{"name":"x","arguments":{}}}\n</tool_call>', [["x", "{}"]]],
    [
      "a missing quote",
      '<tool_call>{"name":"x","arguments":{"a":"b}}</tool_call> more',
      [{ unparsed: '{"name":"x","arguments":{"a":"b}}' }, " more"],
    ],
    ["no call", "<tool_call>\nls -l\n</tool_call>", [{ unparsed: "\nls -l\n" }]],
    ["no name", '<tool_call>{"arguments":{}}</tool_call>', [{ unparsed: '{"arguments":{}}' }]],
    ["arguments that are a list", '<tool_call>{"name":"x","arguments":[1]}</tool_call>', [{ unparsed: '{"name":"x","arguments":[1]}' }]],
    ["a tag that is spoken of", "The <tool_call> tag, `<tool_call>`, </tool_call>", ["The <tool_call> tag, `<tool_call>`, </tool_call>"]],
    ["a tag at the end", "x\n<tool_call>\n", ["x\n<tool_call>\n"]],
    ["a tag at a line's beginning and no end", "<tool_call> is a tag", ["<tool_call> is a tag"]],
    ["half a tag", "x <tool_ca", ["x <tool_ca"]],
    ["another tag", "<tool_calls><tool_cal>", ["<tool_calls><tool_cal>"]],
    [
      "the XML form",
      "<tool_call>\n<function=bash>\n<parameter=command>\nls </tool_call>\n</parameter>\n</function>\n</tool_call>",
      [["bash", '{"command": "ls </tool_call>"}']],
    ],
    [
      "the XML form alone",
      "x\n<function=view>\n<parameter=path>\n/a\n</parameter>\n<parameter=view_range>\n[1, 2]\n</parameter>\n</function>\n",
      ["x\n", ["view", '{"path": "/a", "view_range": [1, 2]}'], "\n"],
    ],
    ["the XML form in the midst of a line", "say <function=x></function>", ["say <function=x></function>"]],
    ["a value with tags", "<function=x><parameter=a>1</parameter> 2</parameter></function>", [["x", '{"a": "1</parameter> 2"}']]],
    [
      "a parameter twice",
      "<function=x><parameter=a>1</parameter><parameter=a>2</parameter></function>",
      [{ unparsed: "<function=x><parameter=a>1</parameter><parameter=a>2</parameter></function>" }],
    ],
    ["the XML form without an end", "<function=x> is how it begins", ["<function=x> is how it begins"]],
  ])("%s", (_, content, list) => {
    expect(short(split([...contents(content), STOP]))).toEqual(list);
    expect(short(split([...contents(...Array.from(content)), STOP]))).toEqual(list);
  });

  it.each<[string, string, readonly Short[]]>([
    ["in its arguments", '<tool_call>{"name":"x","arguments":{"command":"rm -rf /tmp/a', [["x", '{"command":"rm -rf /tmp/a', "cut"]]],
    ["behind a bracket that may not be the last", '<tool_call>{"name":"x","arguments":{"a":1}', [["x", '{"a":1}', "cut"]]],
    ["behind its name", '<tool_call>{"name":"x", "argu', [["x", "", "cut"]]],
    ["in its name", '<tool_call>{"name":"x', [{ unparsed: '{"name":"x' }]],
    ["when it is complete", '<tool_call>{"name":"x","arguments":{}}\n</tool', [["x", "{}"]]],
    ["in the XML form", "<function=x><parameter=a>1</parameter><parameter=b>2", [["x", '{"a": 1', "cut"]]],
  ])("cut %s", (_, content, list) => {
    expect(short(split([...contents(content), CUT]))).toEqual(list);
    expect(short(split([...contents(...Array.from(content)), CUT]))).toEqual(list);
  });

  it("keep their escapes, while the text around loses its own; a raw tag is the end, then", () => {
    const content = 'See <\\tool_call>:\n<tool_call>{"name":"x","arguments":{"a":"<\\\\think>"}}</tool_call>';
    expect(short(split(contents(content), ESCAPED))).toEqual(["See <tool_call>:\n", ["x", '{"a":"<\\\\think>"}']]);
    const raw = '<tool_call>{"name":"x","arguments":{"a":"b}}</tool_call>c';
    expect(short(split(contents(raw), ESCAPED))).toEqual([{ unparsed: '{"name":"x","arguments":{"a":"b}}' }, "c"]);
  });

  it("follow thoughts, and are none in them", () => {
    const content = "<think><tool_call>{}</tool_call></think><function=x></function>";
    expect(split(contents(content)).map((part) => part.kind)).toEqual(["thinking", "thought", "call", "arguments", "called"]);
  });

  it("are left alone where they are not asked for", () => {
    const content = `<tool_call>${HERMES}</tool_call>`;
    expect(short(split(contents(content), { ...PLAIN, readsCallsInText: false }))).toEqual([content]);
  });

  it("take text for text where the schema says so", () => {
    const content = "<function=x><parameter=a>1</parameter><parameter=b>1</parameter></function>";
    const options: SplitterOptions = { ...PLAIN, takesText: (tool, parameter) => tool === "x" && parameter === "a" };
    expect(short(split(contents(content), options))).toEqual([["x", '{"a": "1", "b": 1}']]);
  });

  it("hold back no text but what may begin a tag", () => {
    const seen: string[] = [];
    const known = (texts: readonly string[]) => short(split(contents(...texts)));
    for (const upTo of ["a", "a <b", "a\n<function", "a <tool_call>x"]) seen.push(JSON.stringify(known([upTo])));
    expect(seen).toEqual(['["a"]', '["a <b"]', '["a\\n<function"]', '["a <tool_call>x"]']);
  });

  it("are read from whatever the model writes, byte for byte, however it is cut", () => {
    const call = fc.record({ name: fc.stringMatching(/^[a-z_]{1,8}$/), arguments: fc.dictionary(fc.string(), fc.jsonValue()) });
    const word = fc.constantFrom("Words.", "<", "</tool_call>", "<b>", "{", "\n");
    const reply = fc
      .array(fc.oneof(call, word), { maxLength: 5 })
      .map((items) => ({
        content: items.map((item) => (typeof item === "string" ? item : `\n<tool_call>\n${spacedJson(item)}\n</tool_call>`)).join(""),
        written: items.filter((item) => typeof item !== "string").map((item): Short => [item.name, spacedJson(item.arguments)]),
      }))
      .chain(({ content, written }) => fc.tuple(fc.constant(written), fc.constant(content), cutText(content)));
    fc.assert(
      fc.property(reply, ([written, content, cuts]) => {
        const parts = split(contents(...cuts), { ...PLAIN, thinking: "none" });
        expect(short(parts).filter((one) => Array.isArray(one))).toEqual(written);
        expect(joined(parts)).toEqual(joined(split(contents(content), { ...PLAIN, thinking: "none" })));
      }),
    );
  });

  it("never fail and never depend on the cuts, even where the model writes nonsense", () => {
    const piece = fc.constantFrom(
      "<tool_call>",
      "</tool_call>",
      "<function=x>",
      "</function>",
      "<parameter=a>",
      "</parameter>",
      '{"name":',
      '"x"',
      ',"arguments":',
      "{",
      "}",
      '"',
      "\\",
      "\n",
      "a",
      "<",
      "<think>",
      "</think>",
    );
    const cut = fc
      .array(piece, { maxLength: 16 })
      .map((pieces) => pieces.join(""))
      .chain((whole) => fc.tuple(fc.constant(whole), cutText(whole)));
    fc.assert(
      fc.property(cut, fc.boolean(), fc.constantFrom(CUT, STOP), ([whole, cuts], escapesReserved, finish) => {
        const options = { ...PLAIN, escapesReserved };
        expect(joined(split([...contents(...cuts), finish], options))).toEqual(joined(split([...contents(whole), finish], options)));
      }),
      { numRuns: 1000 },
    );
  });
});
