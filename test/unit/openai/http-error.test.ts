import { describe, expect, it } from "vitest";
import { errorOfReply } from "../../../drivers/openai/http-error.ts";
import { retryAfterMs } from "../../../drivers/openai/retry-after.ts";

const URL = "http://teacher.test/v1";
const reply = (status: number, body: unknown, headers: Record<string, string> = {}): ReturnType<typeof errorOfReply> =>
  errorOfReply({ status, headers: new Headers(headers), body: typeof body === "string" ? body : JSON.stringify(body) }, URL, "sk-secret");
const openai = (message: string, more: object = {}): unknown => ({
  error: { message, type: "invalid_request_error", param: null, code: null, ...more },
});

describe("errorOfReply", () => {
  it.each([
    [
      "vLLM",
      400,
      openai(
        "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion).",
      ),
    ],
    [
      "vLLM before 0.10",
      400,
      { object: "error", message: "This model's maximum context length is 8192 tokens.", type: "BadRequestError", code: 400 },
    ],
    ["vLLM engine", 400, openai("The decoder prompt (length 21535) is longer than the maximum model length of 16384.")],
    ["vLLM, no room for a reply", 400, openai("max_tokens must be at least 1, got -5.")],
    ["OpenAI", 400, openai("Your input exceeds the context window of this model.", { code: "context_length_exceeded" })],
    [
      "SGLang",
      400,
      { object: "error", message: "The input (61709 tokens) is longer than the model's context length (40960 tokens).", code: 400 },
    ],
    [
      "SGLang, small cache",
      400,
      { object: "error", message: "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).", code: 400 },
    ],
    [
      "llama.cpp",
      400,
      {
        error: {
          code: 400,
          message: "the request exceeds the available context size. try increasing it",
          type: "exceed_context_size_error",
        },
      },
    ],
    [
      "llama.cpp, 500",
      500,
      { error: { code: 500, message: "too long", type: "exceed_context_size_error", n_prompt_tokens: 1407, n_ctx: 256 } },
    ],
    ["Anthropic", 400, openai("prompt is too long: 213462 tokens > 200000 maximum")],
    ["Anthropic, with the reply", 400, openai("input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000")],
    ["LiteLLM", 400, openai("litellm.ContextWindowExceededError: litellm.BadRequestError: AnthropicException - {}")],
    ["a proxy in front", 413, "<html>Request Entity Too Large</html>"],
  ])("knows an overflow in the words of %s", (_server, status, body) => {
    const error = reply(status, body);
    expect([error.code, error.isRetryable, error.status]).toEqual(["teacher_context_overflow", false, status]);
  });

  it.each([
    [401, openai("Incorrect API key provided: sk-secret."), "teacher_auth", false],
    [403, "forbidden", "teacher_auth", false],
    [402, openai("Insufficient Balance"), "teacher_auth", false],
    [429, openai("You exceeded your current quota", { code: "insufficient_quota" }), "teacher_auth", false],
    [429, openai("slow down"), "teacher_rate_limit", true],
    [408, "", "teacher_timeout", true],
    [500, "", "teacher_server", true],
    [503, openai("loading model"), "teacher_server", true],
    [404, openai("The model `x` does not exist.", { code: 404 }), "teacher_model_unknown", false],
    [400, openai("x is not a valid model ID: model_not_found"), "teacher_model_unknown", false],
    [400, openai("Invalid model name passed in model=x"), "teacher_model_unknown", false],
    [404, { detail: "Not Found" }, "teacher_rejected", false],
    [422, { detail: [{ loc: ["body"], msg: "Field required" }] }, "teacher_rejected", false],
    [400, openai("temperature must be at most 1"), "teacher_rejected", false],
    [301, "", "teacher_rejected", false],
  ])("%i %j is %s", (status, body, code, isRetryable) => {
    const error = reply(status, body, { location: "https://teacher.test/v1" });
    expect([error.code, error.isRetryable]).toEqual([code, isRetryable]);
    expect(error.message).toContain(`${URL} answered ${status}`);
    expect(`${error.message} ${error.hint}`).not.toContain("sk-secret");
  });

  it("names the final address of a redirect, the missing /v1 and vLLM's switch for tool calls", () => {
    expect(reply(308, "", { location: "https://teacher.test/v1" }).hint).toContain("https://teacher.test/v1");
    expect(reply(404, { detail: "Not Found" }).hint).toContain("/v1");
    expect(reply(400, openai('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set')).hint).toContain(
      "--tool-call-parser",
    );
  });

  it("shows a server's words on one bounded line without control characters", () => {
    const { message } = reply(500, openai(`\u001b[2Jbad\r\nthing ${"x".repeat(5000)}`));
    expect(message).toMatch(/answered 500: \[2Jbad thing x+…$/);
    expect(message.length).toBeLessThan(600);
  });

  it("reads what a 429 asks for, in seconds, milliseconds or as a date", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    const asked = (headers: Record<string, string>): number | undefined => retryAfterMs(new Headers(headers), now);
    expect(asked({ "retry-after": "7" })).toBe(7000);
    expect(asked({ "retry-after": "0.5" })).toBe(500);
    expect(asked({ "retry-after-ms": "250", "retry-after": "9" })).toBe(250);
    expect(asked({ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" })).toBe(30_000);
    expect(asked({ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" })).toBe(0);
    expect(asked({ "retry-after": "1e99" })).toBe(86_400_000);
    expect(asked({ "retry-after": "soon" })).toBeUndefined();
    expect(asked({ "retry-after": "-1" })).toBeUndefined();
    expect(asked({})).toBeUndefined();
    expect(reply(429, "", { "retry-after": "3" }).retryAfterMs).toBe(3000);
  });
});
