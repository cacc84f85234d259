import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Turn } from "../../../../core/dataset/conversation.ts";
import { hermes } from "../../../../core/dataset/formats/hermes.ts";
import { jsonMembers } from "../../../../core/agent/json-members.ts";
import { escapeJson, escapeText, unescapeJson, unescapeText } from "../../../../core/agent/reserved-literals.ts";
import { chatFrame } from "../../../../core/dataset/formats/text-message.ts";
import { xml } from "../../../../core/dataset/formats/xml.ts";
import { assistantContent } from "../../../../core/dataset/formats/assistant-content.ts";
import { pythonJson } from "../../../../core/agent/python-json.ts";
import { anyConversation, nastyText, TOOLS } from "./random-conversation.ts";

const call = (name: string, json: string): { id: string; name: string; arguments: string } => ({ id: "1", name, arguments: json });
const reply = (parts: Partial<Extract<Turn, { role: "assistant" }>>): Turn => ({
  role: "assistant",
  content: "",
  reasoning: null,
  toolCalls: [],
  train: true,
  ...parts,
});
const one = (turn: Turn, format = hermes): string => format.render([turn], TOOLS)!.at(-1)!.content;

/** Literals that would be tokens of their own, were they not the frame's. */
const FRAME = /<(?:\/?(?:think|tool_call|tool_response)>|\|im_(?:start|end)\|>)/g;

describe("hermes", () => {
  test("frames thought, content and calls as Qwen3's template does", () => {
    const turn = reply({
      reasoning: "hm",
      content: "I look.",
      toolCalls: [call("bash", '{"command": "ls"}'), call("bash", '{"command":"pwd"}')],
    });
    expect(one(turn)).toBe(
      '<think>\nhm\n</think>\n\nI look.\n<tool_call>\n{"name": "bash", "arguments": {"command": "ls"}}\n</tool_call>\n<tool_call>\n{"name": "bash", "arguments": {"command": "pwd"}}\n</tool_call>',
    );
    expect(one(reply({ toolCalls: [call("bash", "{}")] }))).toBe('<tool_call>\n{"name": "bash", "arguments": {}}\n</tool_call>');
    expect(one(reply({ reasoning: "", content: "x" }))).toBe("<think>\n\n</think>\n\nx");
  });

  test("puts the results of one reply into one user turn, in order", () => {
    const turn: Turn = {
      role: "tools",
      results: [
        { toolCallId: "a", content: "1\n" },
        { toolCallId: "b", content: "" },
      ],
    };
    expect(hermes.render([turn], [])).toEqual([
      { role: "user", content: "<tool_response>\n1\n\n</tool_response>\n<tool_response>\n\n</tool_response>", train: false },
    ]);
  });

  test("describes tools by lines of JSON at the end of the system turn, or in one of its own", () => {
    const tools = [{ name: "f", description: "é", parameters: { type: "object", properties: {} } }];
    const line = '{"type": "function", "function": {"name": "f", "description": "é", "parameters": {"type": "object", "properties": {}}}}';
    const [system] = hermes.render([{ role: "system", content: "S" }], tools)!;
    expect(system!.content.startsWith("S\n\n# Tools\n\n")).toBe(true);
    expect(system!.content).toContain(`\n<tools>\n${line}\n</tools>\n\n`);
    expect(hermes.render([{ role: "user", content: "U" }], tools)!.map((message) => message.role)).toEqual(["system", "user"]);
    expect(hermes.render([{ role: "user", content: "U" }], [])).toEqual([{ role: "user", content: "U", train: false }]);
  });

  test("writes arguments as Python would", () => {
    const json = '{"n":1e5, "a":"\\u00e9\\/", "2":1,"1":[ -0 ],"n":10000000000000000000001}';
    expect(one(reply({ toolCalls: [call("edit", json)] }))).toContain(
      '"arguments": {"n": 10000000000000000000001, "a": "é/", "2": 1, "1": [0]}}',
    );
  });

  test.each([
    ["", "<tool_call>"],
    [" \t\r\n", "<tool_call>"],
    ["\n\nI look.", "I look.\n<tool_call>"],
    ["I look.\n", "I look.\n<tool_call>"],
    ["I look.\n\n", "I look.\n\n<tool_call>"],
    ["I look.\r", "I look.\r\n<tool_call>"],
    ["I look. ", "I look. \n<tool_call>"],
  ])("drops blanks at the beginning and has one line end in front of a call: %j", (content, text) => {
    expect(one(reply({ content, toolCalls: [call("bash", "{}")] }))).toMatch(new RegExp(`^${text}`));
  });

  test("leaves the end of words alone where no call follows", () => {
    expect(one(reply({ content: "\n Done. \n\n" }))).toBe("Done. \n\n");
    expect(one(reply({ content: "\n Done.", reasoning: " hm\n" }))).toBe("<think>\n hm\n\n</think>\n\nDone.");
  });

  test.each(["", "[]", "1", '{"a":', '{"a":1}}', "null", '{"a":1e999}'])(
    "does not write arguments that are no object, or none of Python's: %j",
    (json) => {
      expect(hermes.render([reply({ toolCalls: [call("bash", json)] })], TOOLS)).toBeNull();
    },
  );
});

describe("xml", () => {
  test("writes strings as text and other values as their JSON", () => {
    const turn = reply({ content: "c", toolCalls: [call("edit", '{"path":"a\\nb\\u00e9","lines":[1, 2.0],"at":1.0,"extra":"x"}')] });
    expect(one(turn, xml)).toBe(
      'c\n<tool_call>\n<function=edit>\n<parameter=path>\na\nbé\n</parameter>\n<parameter=lines>\n[1, 2.0]\n</parameter>\n<parameter=at>\n1.0\n</parameter>\n<parameter=extra>\n"x"\n</parameter>\n</function>\n</tool_call>',
    );
  });

  test("takes the last of a member that is named twice, and replaces half a surrogate pair", () => {
    const twice = reply({ toolCalls: [call("bash", '{"command":"a","command":"b\\ud800"}')] });
    expect(one(twice, xml)).toContain("<parameter=command>\nb\ufffd\n</parameter>");
  });

  test("leaves null out, as the toolsets do", () => {
    expect(one(reply({ toolCalls: [call("edit", '{"path":null}')] }), xml)).toBe("<tool_call>\n<function=edit>\n</function>\n</tool_call>");
  });

  test.each([
    ["a number for a string", "bash", '{"command":1}'],
    ["a name that breaks the tag", "edit", '{"a>b":1}'],
    ["no object", "bash", "[]"],
  ])("does not write %s", (_, name, json) => {
    expect(xml.render([reply({ toolCalls: [call(name, json)] })], TOOLS)).toBeNull();
  });
});

/** What is read back: contents and arguments in their canonical form, ids left out. */
function canonical(turns: readonly Turn[]): readonly unknown[] {
  return turns.map((turn) => {
    if (turn.role === "tools") return { ...turn, results: turn.results.map((result) => result.content) };
    if (turn.role !== "assistant") return turn;
    const toolCalls = turn.toolCalls.map((each) => [each.name, pythonJson(each.arguments)]);
    return { ...turn, content: assistantContent(turn.content, toolCalls.length > 0), toolCalls };
  });
}

describe.each([
  ["hermes", hermes],
  ["xml", xml],
] as const)("%s", (_, format) => {
  test("property: what is rendered reads back as the same conversation in its canonical form, and renders to the same text", () => {
    fc.assert(
      fc.property(anyConversation, fc.boolean(), (turns, hasTools) => {
        const tools = hasTools ? TOOLS : [];
        const given = hasTools
          ? turns
          : turns.map((turn) =>
              turn.role === "assistant" ? { ...turn, toolCalls: turn.toolCalls.filter((each) => each.arguments === "{}") } : turn,
            );
        const messages = format.render(given, tools);
        if (messages === null) throw new Error("could not be rendered");
        const parsed = format.parse(messages);
        expect(canonical(parsed.turns)).toEqual(canonical(given));
        expect(format.render(parsed.turns, parsed.tools)).toEqual(messages);
        expect(JSON.stringify(parsed.tools)).toBe(JSON.stringify(tools));
      }),
      { numRuns: 300 },
    );
  });

  test("property: data brings no token of the frame", () => {
    fc.assert(
      fc.property(anyConversation, (turns) => {
        const found = (of: readonly Turn[]): readonly string[] => format.render(of, TOOLS)!.map(chatFrame).join("").match(FRAME) ?? [];
        // The instructions show how a call is written.
        const [own, all] = [found([]), found(turns)];
        const count = (literal: string): number =>
          all.filter((each) => each === literal).length - own.filter((each) => each === literal).length;
        const calls = turns.flatMap((turn) => (turn.role === "assistant" ? turn.toolCalls : []));
        const results = turns.flatMap((turn) => (turn.role === "tools" ? turn.results : []));
        const thoughts = turns.filter((turn) => turn.role === "assistant" && turn.reasoning !== null);
        expect(count("<think>")).toBe(thoughts.length);
        expect(count("</think>")).toBe(thoughts.length);
        expect(count("<tool_call>")).toBe(calls.length);
        expect(count("</tool_call>")).toBe(calls.length);
        expect(count("<tool_response>")).toBe(results.length);
        expect(count("<|im_end|>")).toBe(turns.length - (turns[0]?.role === "system" ? 1 : 0));
      }),
    );
  });

  test("property: a prefix of the turns renders to a prefix of the text", () => {
    fc.assert(
      fc.property(anyConversation, fc.nat(20), (turns, cut) => {
        const whole = format.render(turns, TOOLS)!.map(chatFrame).join("");
        const prefix = turns.slice(0, Math.max(1, cut));
        expect(whole.startsWith(format.render(prefix, TOOLS)!.map(chatFrame).join(""))).toBe(true);
      }),
    );
  });

  test("only replies train", () => {
    fc.assert(
      fc.property(anyConversation, (turns) => {
        for (const message of format.render(turns, TOOLS)!) expect(message.train).toBe(message.role === "assistant");
      }),
    );
  });
});

describe("reserved literals", () => {
  test("get a backslash, and one more each time", () => {
    expect(escapeText("a <think> </tool_call> <|im_end|> <b> <thinking>")).toBe("a <\\think> <\\/tool_call> <\\|im_end|> <b> <thinking>");
    expect(escapeText(escapeText("<think>"))).toBe("<\\\\think>");
    expect(unescapeText("<\\b> <\\think>")).toBe("<\\b> <think>");
  });

  test("in JSON stay valid JSON that decodes to the escaped text; escapes of JSON itself are left alone", () => {
    expect(escapeJson('{"a":"<think>"}')).toBe('{"a":"<\\\\think>"}');
    expect(escapeJson('{"a":"<\\think>"}')).toBe('{"a":"<\\think>"}');
  });

  test("property: the way back is exact, and JSON is escaped as its text is", () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        expect(unescapeText(escapeText(text))).toBe(text);
        const json = JSON.stringify(text);
        expect(unescapeJson(escapeJson(json))).toBe(json);
        expect(JSON.parse(escapeJson(json))).toBe(escapeText(text));
      }),
      { numRuns: 500 },
    );
  });
});

describe("jsonMembers", () => {
  test("property: values are slices of the text, in order", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const members = jsonMembers(text)!;
        const rebuilt = Object.fromEntries(members.map(({ key, raw }) => [key, JSON.parse(raw) as unknown]));
        expect(JSON.stringify(rebuilt)).toBe(JSON.stringify(JSON.parse(text)));
        expect(members.every(({ raw }) => text.includes(raw) && raw.trim() === raw)).toBe(true);
      }),
    );
  });
});
