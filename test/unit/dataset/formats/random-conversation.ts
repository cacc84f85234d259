import fc from "fast-check";
import type { ToolCall, ToolDefinition } from "../../../../core/agent/messages.ts";
import type { Turn } from "../../../../core/dataset/conversation.ts";

/** Everything that frames a call, a thought, a result or a turn somewhere, whole and in pieces. */
const UNITS = [
  "<think>",
  "</think>",
  "<\\think>",
  "<\\\\think>",
  "\n</think>\n\n",
  "<think>\n",
  "<tool_call>",
  "</tool_call>",
  "\n</tool_call>\n<tool_call>\n",
  "<tool_response>\n",
  "\n</tool_response>\n<tool_response>\n",
  "</tool_response>",
  "<|im_end|>",
  "<|im_start|>assistant\n",
  "<\\|im_end|>",
  "<function=bash>\n",
  "</function>",
  "\n</parameter>\n",
  "<parameter=command>\n",
  "\n</parameter>\n</function>",
  "<tools>",
  "\n</tools>\n\n",
  "# Tools\n\n",
  '{"name": "x", "arguments": {}}',
  "<",
  "\\",
  '"',
  "'",
  "\n",
  "\n\n",
  " ",
  "\t",
  "\r\n",
  "null",
  "1.0",
  "é",
  "中",
  "😀",
  "\u2028",
  "\x85",
  "\0",
  "x",
];

export const nastyText = fc.oneof(
  fc.array(fc.constantFrom(...UNITS), { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);

export const TOOLS: readonly ToolDefinition[] = [
  {
    name: "bash",
    description: 'Runs a command. Writes <think> & "quotes", ünïcode,\nand lines.',
    parameters: { type: "object", properties: { command: { type: "string" }, "<think>": { type: "string" } }, required: ["command"] },
  },
  {
    name: "edit",
    description: "",
    parameters: {
      type: "object",
      properties: { path: { type: "string" }, lines: { type: "array", items: { type: "integer" } }, at: { type: "number", default: 0.5 } },
    },
  },
];

const number = fc.constantFrom("1.0", "1e5", "-0", "10000000000000000000001", "0.1", "1E-2", "3");
const space = fc.constantFrom("", "", " ", "\n  ", "\t");

/** Text of a JSON string in one of its many spellings. */
const jsonString = nastyText.chain((text) =>
  fc.constantFrom(
    JSON.stringify(text),
    JSON.stringify(text).replaceAll("/", "\\/"),
    JSON.stringify(text).replaceAll("<", "\\u003c"),
    JSON.stringify(text).replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ),
);

const jsonArray = fc
  .tuple(fc.array(fc.oneof(number, jsonString), { maxLength: 3 }), space)
  .map(([items, blank]) => `[${blank}${items.join(`,${blank}`)}]`);

function object(members: readonly (readonly [string, string])[], blank: string, colon: string): string {
  return `${blank}{${blank}${members.map(([key, value]) => `${JSON.stringify(key)}${colon}:${colon}${value}`).join(`,${blank}`)}${blank}}${blank}`;
}

const bashArguments = fc.tuple(jsonString, space, space).map(([command, blank, colon]) => object([["command", command]], blank, colon));
const editArguments = fc
  .tuple(jsonString, jsonArray, number, fc.oneof(number, jsonString, jsonArray), space, space)
  .map(([path, lines, at, unknown, blank, colon]) =>
    object(
      [
        ["path", path],
        ["lines", lines],
        ["at", at],
        ["extra", unknown],
      ],
      blank,
      colon,
    ),
  );

const call: fc.Arbitrary<Omit<ToolCall, "id">> = fc.oneof(
  bashArguments.map((text) => ({ name: "bash", arguments: text })),
  editArguments.map((text) => ({ name: "edit", arguments: text })),
  fc.constant({ name: "edit", arguments: "{}" }),
);

const plain = fc.record({ role: fc.constantFrom("system" as const, "user" as const), content: nastyText });
const answered = fc
  .record({ content: nastyText, reasoning: fc.option(nastyText), calls: fc.array(fc.tuple(call, nastyText), { maxLength: 3 }) })
  .map(({ content, reasoning, calls }): readonly Turn[] => {
    const toolCalls = calls.map(([each], index) => ({ id: `id${index}`, ...each }));
    const reply: Turn = { role: "assistant", content, reasoning, toolCalls, train: true };
    return calls.length === 0
      ? [reply]
      : [reply, { role: "tools", results: calls.map(([, text], index) => ({ toolCallId: `id${index}`, content: text })) }];
  });

/** A conversation that a trajectory can give: the prompt, then replies with their results. */
export const anyConversation: fc.Arbitrary<readonly Turn[]> = fc
  .tuple(fc.array(plain, { maxLength: 3 }), fc.array(answered, { maxLength: 4 }))
  .map(([prompt, steps]) => [...prompt, ...steps.flat()]);
