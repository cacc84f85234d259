import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMessagesRequest } from "../../../../core/gateway/client/read-request.ts";
import type { MessagesRequest } from "../../../../core/gateway/client/request.ts";

const BASE = { model: "m", messages: [{ role: "user", content: "hi" }], max_tokens: 10 };

function read(body: unknown): MessagesRequest {
  const result = readMessagesRequest(body);
  if (!result.ok) throw new Error(result.problem);
  return result.request;
}

function problem(body: unknown): string {
  const result = readMessagesRequest(body);
  return result.ok ? "accepted" : result.problem;
}

const content = (blocks: unknown) => read({ ...BASE, messages: [{ role: "user", content: blocks }] }).messages[0]!.content;
const other = (block: unknown) => content([block])[0];

describe("readMessagesRequest", () => {
  it("reads the smallest request", () => {
    expect(read({ model: "m", messages: [{ role: "user", content: "hi" }] })).toEqual({
      model: "m",
      system: [],
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      tools: [],
      toolChoice: null,
      maxTokens: null,
      isStream: false,
      temperature: null,
      topP: null,
      topK: null,
      stopSequences: [],
      outputSchema: null,
    });
  });

  it("reads every field, and lets unknown ones pass", () => {
    const schema = { type: "object", properties: {} };
    const request = read({
      ...BASE,
      system: [
        { type: "text", text: "x-anthropic-billing-header: cc_version=1;" },
        { type: "text", text: "Be good.", cache_control: { type: "ephemeral" } },
        { type: "text", text: "" },
      ],
      messages: [
        { role: "system", content: "Between." },
        { role: "system", content: [{ type: "text", text: "Blocks." }] },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "t", signature: "s" },
            { type: "thinking", thinking: "t" },
            { type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls" }, caller: { type: "direct" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "a" }], is_error: true },
            { type: "tool_result", tool_use_id: "toolu_2", content: "b" },
            { type: "tool_result", tool_use_id: "toolu_3" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
            { type: "image", source: { type: "url", url: "https://example.org/x.png" } },
            { type: "image", source: { type: "file", file_id: "f" } },
          ],
        },
      ],
      tools: [
        { name: "Bash", description: "Runs.", input_schema: schema, defer_loading: true },
        { type: "custom", name: "Read", input_schema: schema },
        { type: "web_search_20250305", name: "web_search", max_uses: 8 },
        { type: "mcp_toolset", mcp_server_name: "x" },
      ],
      tool_choice: { type: "tool", name: "Bash", disable_parallel_tool_use: true },
      stream: true,
      temperature: 1,
      top_p: 0.5,
      top_k: 20,
      stop_sequences: ["END", ""],
      output_config: { effort: "high", format: { type: "json_schema", schema } },
      context_management: { edits: [] },
      betas: ["new-2027-01-01"],
    });
    expect(request.system).toEqual(["Be good."]);
    expect(request.messages.map((message) => message.role)).toEqual(["system", "system", "assistant", "user"]);
    expect(request.messages[2]!.content).toEqual([
      { type: "thinking", thinking: "t", signature: "s" },
      { type: "thinking", thinking: "t", signature: "" },
      { type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls" } },
    ]);
    expect(request.messages[3]!.content).toEqual([
      { type: "tool_result", toolUseId: "toolu_1", content: [{ type: "text", text: "a" }], isError: true },
      { type: "tool_result", toolUseId: "toolu_2", content: [{ type: "text", text: "b" }], isError: false },
      { type: "tool_result", toolUseId: "toolu_3", content: [], isError: false },
      { type: "image", mediaType: "image/png", base64: "AA==", url: null },
      { type: "image", mediaType: "", base64: null, url: "https://example.org/x.png" },
      { type: "other", name: "image", text: null },
    ]);
    expect(request.tools).toEqual([
      { name: "Bash", description: "Runs.", inputSchema: schema, serverType: null },
      { name: "Read", description: "", inputSchema: schema, serverType: null },
      { name: "web_search", description: "", inputSchema: {}, serverType: "web_search_20250305" },
      { name: "mcp_toolset", description: "", inputSchema: {}, serverType: "mcp_toolset" },
    ]);
    expect(request).toMatchObject({
      toolChoice: { type: "tool", name: "Bash", isParallelDisabled: true },
      isStream: true,
      temperature: 1,
      topP: 0.5,
      topK: 20,
      stopSequences: ["END"],
      outputSchema: schema,
    });
  });

  it("drops the billing line where it stands in front of the prompt, too", () => {
    expect(read({ ...BASE, system: "x-anthropic-billing-header: a=b;\nBe good." }).system).toEqual(["Be good."]);
  });

  it("reads the older name of the output format", () => {
    expect(read({ ...BASE, output_format: { type: "json_schema", schema: { type: "object" } } }).outputSchema).toEqual({ type: "object" });
    expect(read({ ...BASE, output_config: { format: { type: "grammar", text: "x" } } }).outputSchema).toBeNull();
  });

  it("takes empty content for no block", () => {
    expect(content("")).toEqual([]);
    expect(content([])).toEqual([]);
  });

  it.each([
    [{ type: "document", source: { type: "text", media_type: "text/plain", data: "words" }, title: "T" }, "T\nwords"],
    [{ type: "document", source: { type: "content", content: [{ type: "text", text: "inner" }] } }, "inner"],
    [{ type: "document", source: { type: "base64", media_type: "application/pdf", data: "AA" }, title: "T" }, null],
    [{ type: "search_result", source: "S", title: "T", content: [{ type: "text", text: "found" }] }, "T\nS\nfound"],
    [{ type: "web_search_tool_result", tool_use_id: "x", content: [{ url: "u", title: "t", encrypted_content: "e" }] }, "t u"],
    [{ type: "web_search_tool_result", tool_use_id: "x", content: { type: "web_search_tool_result_error" } }, null],
    [{ type: "tool_reference", tool_name: "x" }, null],
    [{ type: "redacted_thinking", data: "x" }, null],
    [{ type: "something_new", text: "readable" }, "readable"],
    [{ type: "__proto__", content: "readable" }, "readable"],
    [{ type: "constructor" }, null],
  ])("finds the text of %j", (block, text) => {
    expect(other(block)).toEqual({ type: "other", name: block.type, text });
  });

  it.each([
    [null, "the body must be an object"],
    [[], "the body must be an object"],
    [{ ...BASE, model: 3 }, "model must be a string that is not empty"],
    [{ ...BASE, messages: {} }, "messages must be an array"],
    [{ ...BASE, messages: [] }, "messages must be an array of at least one message"],
    [{ ...BASE, messages: ["x"] }, "messages[0] must be an object"],
    [{ ...BASE, messages: [{ role: "tool", content: "" }] }, 'messages[0].role must be "user", "assistant" or "system"'],
    [{ ...BASE, messages: [{ role: "user", content: 7 }] }, "messages[0].content must be a string or an array of blocks"],
    [{ ...BASE, messages: [{ role: "user" }] }, "messages[0].content must be a string or an array of blocks"],
    [{ ...BASE, messages: [{ role: "user", content: [{ text: "x" }] }] }, "messages[0].content[0].type must be a string"],
    [{ ...BASE, messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text must be a string"],
    [
      { ...BASE, messages: [BASE.messages[0], { role: "user", content: [{ type: "tool_result", tool_use_id: 4 }] }] },
      "messages[1].content[0].tool_use_id must be a string that is not empty",
    ],
    [
      { ...BASE, messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: [3] }] }] },
      "messages[0].content[0].content[0] must be an object",
    ],
    [
      { ...BASE, messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "b", input: "{}" }] }] },
      "messages[0].content[0].input must be an object",
    ],
    [{ ...BASE, system: 4 }, "system must be a string or an array of text blocks"],
    [{ ...BASE, system: [{ type: "text", text: 4 }] }, "system[0].text must be a string"],
    [{ ...BASE, tools: [{ name: "x" }] }, "tools[0].input_schema must be an object"],
    [{ ...BASE, tools: [{ input_schema: {} }] }, "tools[0].name must be a string that is not empty"],
    [{ ...BASE, tool_choice: { type: "all" } }, 'tool_choice.type must be "auto", "any", "none" or "tool"'],
    [{ ...BASE, max_tokens: 0 }, "max_tokens must be a whole number of at least 1"],
    [{ ...BASE, max_tokens: "10" }, "max_tokens must be a whole number of at least 1"],
    [{ ...BASE, max_tokens: 1.5 }, "max_tokens must be a whole number of at least 1"],
    [{ ...BASE, temperature: "hot" }, "temperature must be a number of at least 0"],
    [{ ...BASE, stream: "yes" }, "stream must be true or false"],
    [{ ...BASE, stop_sequences: [1] }, "stop_sequences[0] must be a string"],
    [{ ...BASE, output_config: { format: { type: "json_schema" } } }, "output_config.format.schema must be an object"],
  ])("says what is wrong with %j", (body, said) => {
    expect(problem(body)).toBe(said);
  });

  it("refuses input that is nested without end", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`) as unknown;
    expect(problem({ ...BASE, tools: [{ name: "x", input_schema: deep }] })).toBe(
      "tools[0].input_schema must be nested no deeper than 200 levels",
    );
  });

  it("keeps a member named __proto__ a member", () => {
    const body = JSON.parse(
      '{"model":"m","__proto__":{"stream":true},"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":{"__proto__":{"x":1}}}]}]}',
    ) as unknown;
    const request = read(body);
    expect(request.isStream).toBe(false);
    expect(JSON.stringify(request.messages[0]!.content)).toContain('"input":{"__proto__":{"x":1}}');
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("makes lone surrogates harmless", () => {
    expect(content("a\ud800b")).toEqual([{ type: "text", text: "a\ufffdb" }]);
  });

  it("never throws, whatever it is given", () => {
    const blocks = fc.array(
      fc.oneof(
        fc.jsonValue(),
        fc.record({
          type: fc.constantFrom("text", "image", "tool_use", "tool_result", "document"),
          content: fc.jsonValue(),
          source: fc.jsonValue(),
          text: fc.jsonValue(),
        }),
      ),
    );
    const body = fc.record(
      {
        model: fc.oneof(fc.string(), fc.jsonValue()),
        messages: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ role: fc.constantFrom("user", "assistant", "system", 3), content: fc.oneof(fc.string(), blocks) })),
        ),
        system: fc.oneof(fc.jsonValue(), blocks),
        tools: fc.oneof(fc.jsonValue(), blocks),
        tool_choice: fc.jsonValue(),
        output_config: fc.jsonValue(),
        output_format: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), body), (json) => {
        const result = readMessagesRequest(json);
        expect(result.ok || / must be /.test(result.problem)).toBe(true);
      }),
    );
  });
});
