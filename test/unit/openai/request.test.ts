import { describe, expect, it } from "vitest";
import type { TeacherRequest } from "../../../core/agent/teacher.ts";
import { TeacherError } from "../../../core/errors/index.ts";
import { FIRST_DIALECT, withoutRefused } from "../../../drivers/openai/dialect.ts";
import { requestBody } from "../../../drivers/openai/request.ts";

const REQUEST: TeacherRequest = {
  callId: "r/1",
  temperature: 0.6,
  maxOutputTokens: 100,
  tools: [{ name: "bash", description: "Runs.", parameters: { type: "object", properties: { command: { type: "string" } } } }],
  messages: [
    { role: "system", content: "s" },
    { role: "user", content: "u" },
    { role: "assistant", content: "", reasoning: "because", toolCalls: [{ id: "c1", name: "bash", arguments: '{"b" : 1.0, "a":"é"}' }] },
    { role: "tool", toolCallId: "c1", content: "<think>data</think>" },
    { role: "assistant", content: "done", reasoning: null, toolCalls: [] },
  ],
};
const toolCalls = [{ id: "c1", type: "function", function: { name: "bash", arguments: '{"b" : 1.0, "a":"é"}' } }];
const sent = (reasoning: typeof FIRST_DIALECT.reasoning): unknown => requestBody("m", REQUEST, { ...FIRST_DIALECT, reasoning }).messages[2];
const refused = (message: string, status = 400): TeacherError => new TeacherError("teacher_rejected", message, { status });

describe("requestBody", () => {
  it("keeps arguments to the byte and sends reasoning as reasoning_content", () => {
    expect(requestBody("m", REQUEST, FIRST_DIALECT)).toEqual({
      model: "m",
      temperature: 0.6,
      max_tokens: 100,
      stream: true,
      stream_options: { include_usage: true },
      tools: [{ type: "function", function: REQUEST.tools[0] }],
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "u" },
        { role: "assistant", content: null, reasoning_content: "because", tool_calls: toolCalls },
        { role: "tool", tool_call_id: "c1", content: "<think>data</think>" },
        { role: "assistant", content: "done" },
      ],
    });
  });

  it("sends reasoning the way the server gives it", () => {
    expect(sent("reasoning")).toEqual({ role: "assistant", content: null, reasoning: "because", tool_calls: toolCalls });
    expect(sent("think")).toEqual({ role: "assistant", content: "<think>\nbecause\n</think>\n\n", tool_calls: toolCalls });
    expect(sent(null)).toEqual({ role: "assistant", content: null, tool_calls: toolCalls });
  });

  it("leaves out what is not asked for", () => {
    const body = requestBody(
      "m",
      { callId: "x", messages: [], tools: [], temperature: 0 },
      { ...FIRST_DIALECT, stream: false, streamUsage: false },
    );
    expect(body).toEqual({ model: "m", messages: [], temperature: 0 });
  });
});

describe("withoutRefused", () => {
  it.each([
    ["Unknown field: stream_options", { streamUsage: false }],
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      { maxTokensField: "max_completion_tokens" },
    ],
    ["messages.2.reasoning_content: Extra inputs are not permitted", { reasoning: null }],
    ["Streaming is not supported when tools are given", { stream: false, streamUsage: false }],
  ])("%s", (message, change) => {
    expect(withoutRefused(FIRST_DIALECT, refused(message))).toEqual({ ...FIRST_DIALECT, ...change });
  });

  it("gives up on other refusals, on other errors, and on what is left out already", () => {
    expect(withoutRefused(FIRST_DIALECT, refused("temperature must be at most 1"))).toBeNull();
    expect(withoutRefused(FIRST_DIALECT, refused("stream_options", 404))).toBeNull();
    expect(withoutRefused(FIRST_DIALECT, new TeacherError("teacher_server", "stream broke", { status: 500 }))).toBeNull();
    const plain = { stream: false, streamUsage: false, maxTokensField: "max_completion_tokens", reasoning: null } as const;
    for (const message of ["stream_options", "stream", "max_completion_tokens", "reasoning_content"])
      expect(withoutRefused(plain, refused(message))).toBeNull();
  });
});
