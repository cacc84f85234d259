import { describe, expect, test } from "vitest";
import { native } from "../../../../../core/gateway/profiles/native/index.ts";
import { encodeCallId } from "../../../../../core/gateway/state/call-id.ts";
import { encodeSignature } from "../../../../../core/gateway/state/signature.ts";
import { brokenRules } from "../../chat-rules.ts";
import { BASH, chatOf, EDIT, model, request } from "../requests.ts";

const text = (words: string) => ({ type: "text", text: words });
const use = (id: string, name = "Bash", input: object = { command: "ls" }) => ({ type: "tool_use", id, name, input });
const result = (id: string, content: unknown = "ok", isError = false) => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  is_error: isError,
});
const user = (...content: object[]) => ({ role: "user", content });
const assistant = (...content: object[]) => ({ role: "assistant", content });

function messagesOf(messages: readonly object[], changes: object = {}, fields: object = {}) {
  const chat = chatOf(native.plan(request({ tools: [BASH, EDIT], messages, ...fields }), { ...model, ...changes }));
  expect(brokenRules(chat)).toEqual([]);
  return chat.messages;
}

describe("a conversation for a model with the client's own tools", () => {
  test("calls, results and words", () => {
    const messages = messagesOf(
      [
        user(text("Do it")),
        assistant(text("I look."), use("a"), use("b", "Bash", { command: "pwd", n: 1 })),
        user(result("b", "/home"), result("a", [text("x"), text("y")]), text("Be quick")),
      ],
      {},
      { system: [text("You help."), text("Be kind.")] },
    );
    expect(messages).toEqual([
      { role: "system", content: "You help.\n\nBe kind." },
      { role: "user", content: "Do it" },
      {
        role: "assistant",
        content: "I look.",
        tool_calls: [
          { id: "call_0", type: "function", function: { name: "Bash", arguments: '{"command": "ls"}' } },
          { id: "call_1", type: "function", function: { name: "Bash", arguments: '{"command": "pwd", "n": 1}' } },
        ],
      },
      { role: "tool", tool_call_id: "call_0", content: "x\ny" },
      { role: "tool", tool_call_id: "call_1", content: "/home" },
      { role: "user", content: "Be quick" },
    ]);
  });

  test("system messages stay in their place, as words of the user, in either form", () => {
    const say = (content: unknown) => [
      user(text("Do it")),
      { role: "system", content },
      assistant(use("a")),
      { role: "system", content },
      user(result("a")),
      { role: "system", content },
    ];
    const blocks = messagesOf(say([text("The date is new.")]));
    expect(blocks).toEqual(messagesOf(say("The date is new.")));
    expect(blocks.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
    expect(blocks[0]).toEqual({ role: "user", content: "Do it\n\nThe date is new." });
    expect(blocks[3]).toEqual({ role: "user", content: "The date is new.\n\nThe date is new." });
  });

  test("a thought is put back in its frame; others' thoughts and our own reports are left out", () => {
    const open = { place: "content", open: "<think>\n", close: "\n</think>\n\n" } as const;
    const signed = (state: Parameters<typeof encodeSignature>[0]) => ({
      type: "thinking",
      thinking: "Hm.",
      signature: encodeSignature(state),
    });
    const one = (block: object) => messagesOf([user(text("Do it")), assistant(block, text("Done.")), user(text("More"))])[1];
    expect(one(signed({ kind: "thought", frame: open }))).toEqual({ role: "assistant", content: "<think>\nHm.\n</think>\n\nDone." });
    expect(one(signed({ kind: "thought", frame: { place: "reasoning_content" } }))).toEqual({
      role: "assistant",
      content: "Done.",
      reasoning_content: "Hm.",
    });
    expect(one(signed({ kind: "thought", frame: { place: "reasoning" } }))).toEqual({
      role: "assistant",
      content: "Done.",
      reasoning: "Hm.",
    });
    expect(one(signed({ kind: "progress" }))).toEqual({ role: "assistant", content: "Done." });
    expect(one({ type: "thinking", thinking: "Hm.", signature: "RXQ=" })).toEqual({ role: "assistant", content: "Done." });
    expect(one({ type: "redacted_thinking", data: "RXQ=" })).toEqual({ role: "assistant", content: "Done." });
  });

  test("white space in front of a call comes back out of its id", () => {
    const id = encodeCallId({ name: "Bash", arguments: "", step: 0, before: "\n\n", isUnparsed: false }, {}, "x");
    expect(messagesOf([user(text("Do it")), assistant(text("I look."), use(id)), user(result(id))])[1]).toMatchObject({
      content: "I look.\n\n",
    });
  });

  test("what the client adds to an edit goes, and what the model wrote stays", () => {
    const edit = (input: object) => messagesOf([user(text("x")), assistant(use("a", "Edit", input)), user(result("a"))])[1];
    const written = (json: string) => ({ tool_calls: [{ function: { arguments: json } }] });
    expect(edit({ replace_all: false, file_path: "a" })).toMatchObject(written('{"file_path": "a"}'));
    expect(edit({ file_path: "a", replace_all: false })).toMatchObject(written('{"file_path": "a", "replace_all": false}'));
    expect(edit({ replace_all: true, file_path: "a" })).toMatchObject(written('{"replace_all": true, "file_path": "a"}'));
  });

  test.each([
    ["a call without a result", [user(text("x")), assistant(use("a"), use("b")), user(result("b"), text("Stop"))], "uattu"],
    ["calls at the end", [user(text("x")), assistant(use("a"))], "uat"],
    ["an id twice", [user(text("x")), assistant(use("a"), use("a")), user(result("a", "1"), result("a", "2"), result("a", "3"))], "uattu"],
    ["a result without its call", [user(result("z", "old")), assistant(text("Done.")), user(result("y"), text("Go on"))], "uau"],
    ["an answer first", [assistant(text("Hello")), user(text("x"))], "uau"],
    [
      "answers without words between them",
      [user(text("x")), assistant(text("A.")), assistant(text("B.")), user(), assistant(text("C.")), user(text(" "))],
      "uauau",
    ],
    ["nothing but white space", [user(text(" \n"))], "u"],
    ["nothing at all", [user()], "u"],
    ["an empty result", [user(text("x")), assistant(use("a")), user(result("a", ""))], "uat"],
    ["an answer that says nothing", [user(text("x")), assistant(text("")), user(text("y"))], "u"],
    ["the beginning of an answer", [user(text("x")), assistant(text("{"))], "ua"],
    ["words behind a call", [user(text("x")), assistant(text("A."), use("a"), text("B.")), user(result("a"))], "uat"],
    [
      "half a surrogate pair",
      [user(text("\ud800")), assistant(use("a", "Bash", { command: "\udc00" })), user(result("a", "\ud800"))],
      "uat",
    ],
    ["only a system message", [{ role: "system", content: "x" }], "u"],
  ])("%s gives nothing that a server refuses", (_, messages, roles) => {
    expect(
      messagesOf(messages)
        .map(({ role }) => role[0])
        .join(""),
    ).toBe(roles);
  });

  test("a missing result says so, in the same words each time", () => {
    const messages = messagesOf([user(text("x")), assistant(use("a")), user(text("Stop")), assistant(use("b"))]);
    expect(messages.filter(({ role }) => role === "tool").map(({ content }) => content)).toEqual(
      Array(2).fill("There is no result: the call was interrupted before it ended."),
    );
  });

  test("images: shown to a model that sees, named to one that does not", () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBOR" } };
    const talk = [user(text("Look"), image), assistant(use("a", "Read")), user(result("a", [image]), text("Well?"))];
    expect(messagesOf(talk, { canSeeImages: true }).filter(({ role }) => role !== "assistant")).toEqual([
      { role: "user", content: [text("Look"), { type: "image_url", image_url: { url: "data:image/png;base64,iVBOR" } }] },
      { role: "tool", tool_call_id: "call_0", content: "The image follows." },
      {
        role: "user",
        content: [text("What Read returned:"), { type: "image_url", image_url: { url: "data:image/png;base64,iVBOR" } }, text("Well?")],
      },
    ]);
    expect(messagesOf(talk).filter(({ role }) => role !== "assistant")).toEqual([
      { role: "user", content: "Look\n\n[image/png: this model cannot see images]" },
      { role: "tool", tool_call_id: "call_0", content: "[image/png: this model cannot see images]" },
      { role: "user", content: "Well?" },
    ]);
  });

  test("reserved literals are escaped for a model that was trained so, and only for it", () => {
    const talk = [
      user(text("What is <think>?")),
      assistant(text("<tool_call>"), use("a", "Bash", { command: "grep '</think>'" })),
      user(result("a", "<|im_end|>")),
    ];
    const plain = messagesOf(talk);
    expect(JSON.stringify(plain)).not.toContain("<\\\\");
    const escaped = messagesOf(talk, { escapesReserved: true });
    expect(escaped).toMatchObject([
      { content: "What is <\\think>?" },
      { content: "<\\tool_call>", tool_calls: [{ function: { arguments: String.raw`{"command": "grep '<\\/think>'"}` } }] },
      { content: "<\\|im_end|>" },
    ]);
  });

  test("what the beginning of an answer asks for", () => {
    const chat = chatOf(native.plan(request({ messages: [user(text("x")), assistant(text("{"))] }), model));
    expect(chat).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });
});

describe("tools", () => {
  const toolsOf = (fields: object) => chatOf(native.plan(request({ tools: [BASH, EDIT], ...fields }), model));

  test("are the client's own, once each, in their order", () => {
    const search = { type: "web_search_20250305", name: "web_search" };
    const chat = toolsOf({ tools: [BASH, search, EDIT, { ...BASH, description: "Another" }] });
    expect(chat.tools).toEqual([
      { type: "function", function: { name: "Bash", description: "Runs a command.", parameters: BASH.input_schema } },
      { type: "function", function: { name: "Edit", description: "Replaces text in a file.", parameters: EDIT.input_schema } },
    ]);
    expect(brokenRules(chat)).toEqual([]);
  });

  test.each([
    [{}, { type: "object", properties: {} }],
    [{ type: "string" }, { type: "object", properties: {} }],
    [
      { properties: { a: {} }, required: ["a"] },
      { type: "object", properties: { a: {} }, required: ["a"] },
    ],
    [
      { type: "object", properties: [] },
      { type: "object", properties: {} },
    ],
  ])("with the schema %j take an object", (schema, parameters) => {
    expect(toolsOf({ tools: [{ name: "T", input_schema: schema }] }).tools?.[0]?.function.parameters).toEqual(parameters);
  });

  test.each([
    [{ type: "auto" }, undefined],
    [{ type: "any" }, "required"],
    [{ type: "none" }, "none"],
    [
      { type: "tool", name: "Edit" },
      { type: "function", function: { name: "Edit" } },
    ],
    [{ type: "tool", name: "Gone" }, "required"],
  ])("chosen as %j", (choice, expected) => {
    const chat = toolsOf({ tool_choice: choice });
    expect(chat.tool_choice).toEqual(expected);
    expect(brokenRules(chat)).toEqual([]);
  });

  test("one call at a time where the client wants it so", () => {
    expect(toolsOf({ tool_choice: { type: "auto", disable_parallel_tool_use: true } }).parallel_tool_calls).toBe(false);
    expect(toolsOf({})).not.toHaveProperty("parallel_tool_calls");
  });

  test("calls in text are none where calls are forbidden", () => {
    expect(native.plan(request({ tools: [BASH], tool_choice: { type: "none" } }), model)).toMatchObject({ expectsCalls: false });
    expect(native.plan(request({ tools: [BASH] }), model)).toMatchObject({ expectsCalls: true });
  });
});
