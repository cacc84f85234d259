import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { saysContextOverflow } from "../../../../core/agent/context-overflow.ts";
import type { RefusedModel } from "../../../../core/gateway/upstream/refusal.ts";
import { failureOf, promptTooLong, refusalOf } from "../../../../core/gateway/upstream/refusal.ts";
import { serverSaid } from "../../../../core/gateway/upstream/server-said.ts";
import type { UpstreamFailure } from "../../../../core/gateway/upstream/upstream.ts";
import { UpstreamError } from "../../../../core/gateway/upstream/upstream.ts";

const MODEL: RefusedModel = { name: "sera", upstreamName: "Qwen/Qwen3-32B", contextTokens: 32768 };

const refused = (status: number, body: unknown, headers: Record<string, string> = {}, model = MODEL) =>
  refusalOf({ status, headers: new Headers(headers), body: typeof body === "string" ? body : JSON.stringify(body) }, model);
const vllm = (message: string) => ({ error: { message, type: "BadRequestError", param: null, code: 400 } });

describe("refusals for length", () => {
  it.each([
    [
      "vLLM before 0.9",
      "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion). Please reduce the length of the messages or completion.",
      "prompt is too long: 112946 tokens > 16384 maximum",
      { promptTokens: 112946, contextTokens: 16384, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "the same, where only the answer is too long",
      "This model's maximum context length is 16384 tokens. However, you requested 18000 tokens (8000 in the messages, 10000 in the completion).",
      "prompt is too long: 8000 tokens > 6384 maximum",
      { promptTokens: 8000, contextTokens: 16384, roomTokens: 8384, isPromptUncounted: false },
    ],
    [
      "vLLM 0.9 to 0.14",
      "This model's maximum context length is 32768 tokens. However, your request has 40000 input tokens. Please reduce the length of the input messages.",
      "prompt is too long: 40000 tokens > 32768 maximum",
      { promptTokens: 40000, contextTokens: 32768, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "its max_tokens",
      "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 32768 tokens and your request has 30000 input tokens (4096 > 32768 - 30000).",
      "prompt is too long: 30000 tokens > 28672 maximum",
      { promptTokens: 30000, contextTokens: 32768, roomTokens: 2768, isPromptUncounted: false },
    ],
    [
      "vLLM's engine",
      "The decoder prompt (length 21535) is longer than the maximum model length of 16384. Make sure that `max_model_len` is no smaller than the number of text tokens.",
      "prompt is too long: 21535 tokens > 16384 maximum",
      { promptTokens: 21535, contextTokens: 16384, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "a prompt that fills the window",
      "The decoder prompt (length 8192) plus the number of requested output tokens (at least 1) is longer than the maximum model length of 8192.",
      "prompt is too long: 8192 tokens > 8191 maximum",
      { promptTokens: 8192, contextTokens: 8192, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "vLLM 0.6",
      "The prompt (total length 25938) is too long to fit into the model (context length 16384). Make sure that `max_model_len` is no smaller than the number of text tokens.",
      "prompt is too long: 25938 tokens > 16384 maximum",
      { promptTokens: 25938, contextTokens: 16384, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "what is left of the window",
      "max_tokens must be at least 1, got -5.",
      "prompt is too long: 32773 tokens > 32768 maximum",
      { promptTokens: 32773, contextTokens: 32768, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "vLLM early in 2026",
      "You passed 769 input tokens and requested 32000 output tokens. However, the model's context length is only 32768 tokens, resulting in a maximum input length of 768 tokens. Please reduce the length of the input prompt.",
      "prompt is too long: 769 tokens > 768 maximum",
      { promptTokens: 769, contextTokens: 32768, roomTokens: null, isPromptUncounted: true },
    ],
    [
      "the same by characters",
      "You passed 900000 input characters and requested 4096 output tokens. However, the model's context length is only 32768 tokens, resulting in a maximum input length of 28672 tokens (at most 802816 characters).",
      "prompt is too long: 32769 tokens > 32768 maximum",
      { promptTokens: null, contextTokens: 32768, roomTokens: null, isPromptUncounted: true },
    ],
    [
      "vLLM later in 2026",
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=769)",
      "prompt is too long: 769 tokens > 768 maximum",
      { promptTokens: 769, contextTokens: 32768, roomTokens: null, isPromptUncounted: true },
    ],
    [
      "the same, counted",
      "This model's maximum context length is 32768 tokens. However, you requested 1024 output tokens and your prompt contains 40000 input tokens, for a total of 41024 tokens.",
      "prompt is too long: 40000 tokens > 32768 maximum",
      { promptTokens: 40000, contextTokens: 32768, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "an answer longer than the window",
      "max_tokens=8000 cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer output tokens. (parameter=max_tokens, value=8000)",
      "prompt is too long: 4097 tokens > 4096 maximum",
      { promptTokens: null, contextTokens: 4096, roomTokens: null, isPromptUncounted: true },
    ],
    [
      "OpenAI with functions",
      "This model's maximum context length is 8192 tokens. However, you requested 9224 tokens (1224 in the messages, 1000 in the functions, and 7000 in the completion).",
      "prompt is too long: 2224 tokens > 1192 maximum",
      { promptTokens: 2224, contextTokens: 8192, roomTokens: 5968, isPromptUncounted: false },
    ],
    [
      "SGLang",
      "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
      "prompt is too long: 61709 tokens > 40960 maximum",
      { promptTokens: 61709, contextTokens: 40960, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "newer SGLang",
      "Input length (195071) exceeds model's maximum context length (131072).",
      "prompt is too long: 195071 tokens > 131072 maximum",
      { promptTokens: 195071, contextTokens: 131072, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "vLLM in 2026, where the prompt alone fills the window",
      "This model's maximum context length is 32768 tokens. However, you requested 0 output tokens and your prompt contains at least 32769 input tokens, for a total of at least 32769 tokens.",
      "prompt is too long: 32769 tokens > 32768 maximum",
      { promptTokens: 32769, contextTokens: 32768, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "SGLang for both",
      "Requested token count exceeds the model's maximum context length of 40960 tokens. You requested a total of 45000 tokens: 41000 tokens from the input messages and 4000 tokens for the completion.",
      "prompt is too long: 41000 tokens > 40960 maximum",
      { promptTokens: 41000, contextTokens: 40960, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "llama.cpp",
      "request (268914 tokens) exceeds the available context size (262144 tokens), try increasing it",
      "prompt is too long: 268914 tokens > 262144 maximum",
      { promptTokens: 268914, contextTokens: 262144, roomTokens: null, isPromptUncounted: false },
    ],
    [
      "words without figures",
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
      "prompt is too long: 32769 tokens > 32768 maximum",
      { promptTokens: null, contextTokens: 32768, roomTokens: null, isPromptUncounted: false },
    ],
  ])("are read from %s", (_, message, said, overflow) => {
    for (const status of [400, 500]) {
      const refusal = refused(status, vllm(message));
      expect(refusal.error).toEqual({
        status: 400,
        type: "invalid_request_error",
        message: said,
        retryAfterSeconds: null,
        shouldRetry: null,
      });
      expect(refusal.overflow).toEqual(overflow);
    }
    const isAnswerAlone = message.includes("cannot be greater");
    expect(saysContextOverflow(JSON.stringify(vllm(message)))).toBe(!isAnswerAlone);
  });

  it("say so where no figure is known", () => {
    const unknown = { ...MODEL, contextTokens: null };
    expect(refused(400, "prompt is too long", {}, unknown).error.message).toBe(
      "prompt is too long: the model server did not say by how many tokens",
    );
    expect(refused(400, vllm("max_tokens must be at least 1, got -5"), {}, unknown).overflow?.promptTokens).toBeNull();
  });

  it("always name a prompt longer than what is allowed, in the client's wording", () => {
    const count = fc.option(fc.nat(), { nil: null });
    fc.assert(
      fc.property(count, count, (prompt, most) => {
        fc.pre(prompt !== 0 && (prompt !== null || most !== null));
        const figures = /^prompt is too long: (\d+) tokens > (\d+) maximum$/.exec(promptTooLong(prompt, most).message)!;
        expect(Number(figures[1])).toBeGreaterThan(Number(figures[2]));
      }),
    );
  });
});

describe("refusals", () => {
  it.each([
    [400, vllm("bad field"), { status: 400, type: "invalid_request_error", message: "The model server refused the request: bad field" }],
    [
      422,
      { detail: [{ msg: "no", loc: [] }] },
      { status: 400, type: "invalid_request_error", message: "The model server refused the request: no" },
    ],
    [
      400,
      vllm('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
      { status: 400, message: expect.stringContaining("Start vLLM with --enable-auto-tool-choice") },
    ],
    [
      401,
      { error: "Unauthorized" },
      { status: 502, type: "api_error", message: expect.stringContaining("the gateway's own key"), shouldRetry: false },
    ],
    [403, "", { status: 502, type: "api_error", shouldRetry: false }],
    [
      404,
      vllm("The model `x` does not exist."),
      {
        status: 502,
        type: "api_error",
        message: 'The model server does not know the model "Qwen/Qwen3-32B", or not this way of asking: The model `x` does not exist.',
        shouldRetry: false,
      },
    ],
    [
      302,
      "",
      { status: 502, type: "api_error", message: "The model server answered 302 where a completion was expected. Is its URL right?" },
    ],
    [
      402,
      { error: "pay" },
      { status: 502, type: "api_error", message: "The account behind the gateway's key has no credit left: pay", shouldRetry: false },
    ],
    [405, "", { status: 502, type: "api_error", shouldRetry: false }],
    [408, "", { status: 504, type: "timeout_error" }],
    [504, "<html><body>Gateway Timeout</body></html>", { status: 504, type: "timeout_error", message: "The model server answered 504." }],
    [413, "too big", { status: 413, type: "request_too_large", message: "The model server answered 413: too big" }],
    [429, "slow down", { status: 429, type: "rate_limit_error", retryAfterSeconds: 5 }],
    [500, "Internal Server Error", { status: 500, type: "api_error", message: "The model server answered 500: Internal Server Error" }],
    [502, "", { status: 502, type: "api_error", message: "The model server answered 502." }],
    [503, "", { status: 529, type: "overloaded_error", retryAfterSeconds: 5 }],
    [529, "", { status: 529, type: "overloaded_error", retryAfterSeconds: 5 }],
  ])("of %d with %j are mapped", (status, body, error) => {
    const refusal = refused(status, body);
    expect(refusal.error).toMatchObject(error);
    expect(refusal.overflow).toBeNull();
  });

  it.each([
    [{ "retry-after": "17" }, 17],
    [{ "retry-after": "1.2" }, 2],
    [{ "retry-after": "999999" }, 3600],
    [{ "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", date: "Wed, 21 Oct 2026 07:28:00 GMT" }, 30],
    [{ "retry-after": "soon" }, 5],
  ])("pass on when to come again: %j", (headers, seconds) => {
    expect(refused(429, "", headers).error.retryAfterSeconds).toBe(seconds);
  });

  it("quote one bounded line without traces and keys", () => {
    expect(
      serverSaid(
        JSON.stringify({
          error: { message: 'connect http://user:pass@10.0.0.1/v1 failed\n  File "/srv/vllm/engine.py", line 3, in step\n    raise X' },
        }),
      ),
    ).toBe("connect http://10.0.0.1/v1 failed");
    expect(serverSaid("Error: x\n    at run (/srv/app.js:10:5)\n    at y")).toBe("Error: x");
    expect(serverSaid("boom\nTraceback (most recent call last):\n  secret")).toBe("boom");
    expect(serverSaid("Authorization: Bearer abcdefghijkl sk-abcdefghijkl api_key=hunter22")).not.toMatch(/abcdefghijkl|hunter22/);
    expect(serverSaid("\u001b[31mred\u0007")).toBe("[31mred");
    expect(serverSaid("x".repeat(100_000))).toHaveLength(301);
  });

  it("map anything without throwing", () => {
    const body = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), body, (status, text) => {
        const { error } = refused(status, text);
        expect(error.message.length).toBeLessThan(600);
        expect(error.status).toBeGreaterThanOrEqual(400);
        expect([401, 403, 404, 422]).not.toContain(error.status);
      }),
    );
  });
});

describe("failureOf", () => {
  it.each<[UpstreamFailure, number, string]>([
    ["refused", 502, "api_error"],
    ["reset", 502, "api_error"],
    ["unreachable", 502, "api_error"],
    ["aborted", 502, "api_error"],
    ["tls", 502, "api_error"],
    ["timeout", 504, "timeout_error"],
  ])("maps %s and tells nothing of the address", (failure, status, type) => {
    const error = failureOf(new UpstreamError(failure, "connect http://user:secret@10.0.0.1:8000"));
    expect(error).toMatchObject({ status, type, retryAfterSeconds: null });
    expect(error.message).not.toMatch(/10\.0|secret/);
  });
});
