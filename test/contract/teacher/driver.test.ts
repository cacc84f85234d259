import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TeacherError } from "../../../core/errors/index.ts";
import type { OpenAiTeacherOptions } from "../../../drivers/openai/index.ts";
import { createOpenAiTeacher } from "../../../drivers/openai/index.ts";
import type { Script } from "./scripted-server.ts";
import { callOf, completion, delta, events, json, scriptedServer, teacherConfig } from "./scripted-server.ts";

async function serve(script: Script, more: Partial<OpenAiTeacherOptions["config"]> = {}, options: Partial<OpenAiTeacherOptions> = {}) {
  const server = await scriptedServer(script);
  const teacher = createOpenAiTeacher({ config: teacherConfig(server.url, more), ...options });
  return {
    server,
    teacher,
    async [Symbol.asyncDispose]() {
      await teacher.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<TeacherError> {
  const thrown: unknown = await promise.then(
    () => new Error("It succeeded."),
    (error: unknown) => error,
  );
  if (thrown instanceof TeacherError) return thrown;
  throw thrown;
}

describe("a good reply", () => {
  it("comes whole from a stream cut at any byte, with reasoning, usage and arguments to the byte", async () => {
    const input = '{"command": "echo \\"é😀\\"",  "n": 1.0}';
    const stream = [
      ": a comment",
      ...[
        delta({ role: "assistant", content: "" }),
        delta({ reasoning_content: "I thi" }),
        delta({ reasoning_content: "nk 😀" }),
        delta({ content: "Let me " }),
        delta({ content: "see é." }),
        delta({ tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "bash", arguments: "" } }] }),
        ...Array.from(input, (character) => delta({ tool_calls: [{ index: 0, function: { arguments: character } }] })),
        delta({ tool_calls: [{ index: 1, id: "c1", type: "function", function: { name: "submit", arguments: "{}" } }] }),
        delta({}, "tool_calls"),
        { choices: [], usage: { prompt_tokens: 50, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 32 } } },
        "[DONE]",
      ].map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}`),
    ].join("\r\n\r\n");
    const bytes = Buffer.from(`${stream}\r\n\r\n`);
    await using served = await serve(async (response, _request, number) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      const size = number + 1;
      for (let index = 0; index < bytes.length; index += size) {
        response.write(bytes.subarray(index, index + size));
        if (index % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    for (let size = 1; size <= 5; size += 1) {
      const reply = await served.teacher.chat(callOf());
      expect(reply).toMatchObject({
        finishReason: "tool_calls",
        model: "m-served",
        rehearsal: false,
        usage: { inputTokens: 50, cachedInputTokens: 32, outputTokens: 9 },
      });
      expect(reply.message).toMatchObject({ role: "assistant", content: "Let me see é.", reasoning: "I think 😀" });
      expect(reply.message.toolCalls.map(({ name, arguments: text }) => [name, text])).toEqual([
        ["bash", input],
        ["submit", "{}"],
      ]);
      // The server used one id twice.
      expect(new Set(reply.message.toolCalls.map(({ id }) => id)).size).toBe(2);
      expect(reply.message.toolCalls[0]?.id).toBe("c1");
    }
  });

  it.each([
    ["reasoning_content", { content: "a", reasoning_content: "r" }, "a", "r"],
    ["reasoning", { content: "a", reasoning: "r" }, "a", "r"],
    ["a leading think block", { content: "<think>\nr\n</think>\n\na" }, "a", "r"],
    ["nowhere", { content: "a <think>r</think>" }, "a <think>r</think>", null],
    ["a field, and then tags are data", { content: "<think>x</think>a", reasoning: "r" }, "<think>x</think>a", "r"],
    ["an empty field", { content: "a", reasoning_content: "", reasoning: null }, "a", null],
    [
      "parts",
      {
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      "ab",
      null,
    ],
  ])("has its reasoning in %s, and it goes back the same way", async (_place, message, content, reasoning) => {
    await using served = await serve((response) => json(response, 200, completion(message)));
    const reply = await served.teacher.chat(callOf());
    expect(reply.message).toEqual({ role: "assistant", content, reasoning, toolCalls: [] });
    await served.teacher.chat(callOf({ messages: [{ role: "user", content: "hi" }, reply.message, { role: "user", content: "go on" }] }));
    const sent = served.server.received[1]?.body["messages"];
    const plain = typeof message.content === "string" ? message.content : "ab";
    const field =
      "reasoning" in message && message.reasoning !== null
        ? { reasoning: "r" }
        : reasoning !== null && !plain.startsWith("<think>")
          ? { reasoning_content: "r" }
          : {};
    expect(sent).toMatchObject([{ role: "user" }, {}, { role: "user" }]);
    expect(Array.isArray(sent) ? sent[1] : null).toEqual({ role: "assistant", content: plain, ...field });
  });

  it("gets ids of its own when the server gives none, the same in every try", async () => {
    await using served = await serve((response) =>
      json(
        response,
        200,
        completion({
          content: null,
          tool_calls: [
            { function: { name: "bash", arguments: { command: "ls" } } },
            { id: "", function: { name: "bash", arguments: "{" } },
          ],
        }),
      ),
    );
    const [first, second] = [await served.teacher.chat(callOf()), await served.teacher.chat(callOf())];
    expect(first.message.toolCalls.map((call) => call.arguments)).toEqual(['{"command":"ls"}', "{"]);
    expect(first.message.toolCalls).toEqual(second.message.toolCalls);
    expect(new Set(first.message.toolCalls.map(({ id }) => id)).size).toBe(2);
  });

  it("has an estimated usage when the server counts nothing, never zero and marked", async () => {
    await using served = await serve((response) => json(response, 200, completion({ content: "x".repeat(300) }, { usage: undefined })));
    const reply = await served.teacher.chat(callOf());
    expect(reply.usageEstimated).toBe(true);
    expect(reply.usage.inputTokens).toBeGreaterThan(20);
    expect(reply.usage.outputTokens).toBeGreaterThanOrEqual(100);
    expect(reply.usage.cachedInputTokens).toBe(0);
  });
});

describe("a request", () => {
  it("carries the call id, the key, and no header that was not meant to leave", async () => {
    process.env["OPENAI_CUSTOM_HEADERS"] = "x-leak: 1";
    process.env["OPENAI_ORG_ID"] = "org-leak";
    try {
      await using served = await serve((response) => json(response, 200, completion({ content: "a" })), {}, { apiKey: "sk-1" });
      await served.teacher.chat(callOf({ callId: "run-é/3" }));
      const { headers, path, body } = served.server.received[0] ?? {};
      expect(path).toBe("/v1/chat/completions");
      expect(headers).toMatchObject({ authorization: "Bearer sk-1", "idempotency-key": "run-%C3%A9/3", "user-agent": "serac" });
      expect(Object.keys(headers ?? {}).filter((name) => name.startsWith("x-") || name.startsWith("openai"))).toEqual([]);
      expect(body).toMatchObject({ model: "m", stream: true, stream_options: { include_usage: true } });
    } finally {
      delete process.env["OPENAI_CUSTOM_HEADERS"];
      delete process.env["OPENAI_ORG_ID"];
    }
  });

  it("has no authorization without a key, whatever OPENAI_API_KEY holds, and keeps the query of the base URL", async () => {
    process.env["OPENAI_API_KEY"] = "sk-not-for-you";
    try {
      await using served = await serve((response) => json(response, 200, completion({ content: "a" })));
      const teacher = createOpenAiTeacher({ config: teacherConfig(`${served.server.url}/?api-version=7`) });
      await teacher.chat(callOf());
      await teacher.close();
      expect(served.server.received[0]?.path).toBe("/v1/chat/completions?api-version=7");
      expect(served.server.received[0]?.headers.authorization).toBeUndefined();
    } finally {
      delete process.env["OPENAI_API_KEY"];
    }
  });

  it("refuses a URL with a password, without showing it", () => {
    const attempt = (): unknown => createOpenAiTeacher({ config: teacherConfig("http://user:hunter2@127.0.0.1/v1") });
    expect(attempt).toThrow(/holds a user name or password/);
    expect(attempt).not.toThrow(/hunter2/);
  });

  it("does without what the server refuses, one thing after the other, and remembers", async () => {
    await using served = await serve((response, { body }) => {
      if ("stream_options" in body) return json(response, 400, { error: { message: "Unknown field: stream_options" } });
      if ("max_tokens" in body) return json(response, 400, { error: { message: "Use 'max_completion_tokens' instead of 'max_tokens'." } });
      if (JSON.stringify(body).includes("reasoning_content"))
        return json(response, 422, { detail: [{ msg: "reasoning_content: extra fields not permitted" }] });
      if ("stream" in body) return json(response, 400, { error: { message: "streaming is not supported" } });
      return json(response, 200, completion({ content: "at last" }));
    });
    const request = callOf({ maxOutputTokens: 5, messages: [{ role: "assistant", content: "a", reasoning: "r", toolCalls: [] }] });
    expect((await served.teacher.chat(request)).message.content).toBe("at last");
    expect(served.server.received).toHaveLength(5);
    await served.teacher.chat(request);
    expect(served.server.received).toHaveLength(6);
    expect(served.server.received[5]?.body).toEqual({
      model: "m",
      temperature: 0.6,
      max_completion_tokens: 5,
      messages: [{ role: "assistant", content: "a" }],
    });
  });
});

describe("a bad reply", () => {
  it.each<[string, Script, string, RegExp]>([
    [
      "HTML",
      (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>hello\u001b[2J</html>"),
      "teacher_bad_reply",
      /no JSON \(<html>hello \[2J/,
    ],
    [
      "malformed JSON",
      (response) => void response.writeHead(200, { "content-type": "application/json" }).end('{"choices": ['),
      "teacher_bad_reply",
      /no JSON/,
    ],
    ["nothing", (response) => void response.writeHead(200).end(), "teacher_bad_reply", /no JSON/],
    ["no choices", (response) => json(response, 200, { choices: [] }), "teacher_bad_reply", /no choice/],
    ["a list", (response) => json(response, 200, [1]), "teacher_bad_reply", /no choice/],
    [
      "129 calls",
      (response) => json(response, 200, completion({ tool_calls: Array.from({ length: 129 }, () => ({})) })),
      "teacher_bad_reply",
      /129 tool calls/,
    ],
    [
      "an event that is no JSON",
      (response) => (events(response, [delta({ content: "a" }), "{oops"]), void response.end()),
      "teacher_bad_reply",
      /event that is no JSON/,
    ],
    [
      "a stream without choices",
      (response) => (events(response, [{ usage: {} }, "[DONE]"]), void response.end()),
      "teacher_bad_reply",
      /stream without a choice/,
    ],
    [
      "a stream that ends early",
      (response) => (events(response, [delta({ content: "a" })]), void response.end()),
      "teacher_connection",
      /middle of a reply/,
    ],
    [
      "an error event",
      (response) => (
        events(response, [{ error: { message: "the request exceeds the available context size", code: 400 } }]),
        void response.end()
      ),
      "teacher_context_overflow",
      /available context/,
    ],
    [
      "an error event without a status",
      (response) => (events(response, [delta({ content: "a" }), { error: { message: "CUDA error" } }]), void response.end()),
      "teacher_server",
      /CUDA error/,
    ],
    [
      "a redirect",
      (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/v1" }).end(),
      "teacher_rejected",
      /answered 302/,
    ],
    [
      "a break in the headers",
      (response) => void response.socket?.end("HTTP/1.1 200 OK\r\ncontent-ty"),
      "teacher_connection",
      /connection to the teacher/,
    ],
    ["a reset", (response) => void response.socket?.resetAndDestroy(), "teacher_connection", /connection to the teacher/],
    [
      "a break in the body",
      (response) => (response.writeHead(200, { "content-length": "99" }).write("{"), void setTimeout(() => response.socket?.destroy(), 20)),
      "teacher_connection",
      /connection to the teacher/,
    ],
    [
      "no HTTP at all",
      (response) => void response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n"),
      "teacher_connection",
      /connection to the teacher/,
    ],
  ])("%s", async (_what, script, code, message) => {
    await using served = await serve(script);
    const error = await failure(served.teacher.chat(callOf()));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(served.teacher.concurrency()).toMatchObject({ limit: 8, inFlight: 0, waiting: 0 });
  });

  it("is cut off at the limit, streamed or whole, also when it is compressed", async () => {
    const chunk = "x".repeat(64 * 1024);
    let sent = 0;
    await using served = await serve(
      async (response, _request, number) => {
        if (number === 2) {
          response
            .writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
            .end(gzipSync(Buffer.alloc(50e6, "x")));
          return;
        }
        if (number === 0) response.writeHead(200, { "content-type": "application/json" });
        else events(response, []);
        response.on("error", () => {}).setMaxListeners(0);
        while (!response.destroyed && sent < 200e6) {
          sent += chunk.length;
          const piece = number === 0 ? chunk : `data: ${JSON.stringify(delta({ content: chunk }))}\n\n`;
          if (!response.write(piece)) await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
        }
      },
      {},
      { maxReplyBytes: 1_000_000 },
    );
    for (const attempt of [0, 1, 2]) {
      sent = 0;
      const error = await failure(served.teacher.chat(callOf()));
      expect([attempt, error.code, error.message]).toEqual([attempt, "teacher_bad_reply", expect.stringContaining("longer than 1 MB")]);
      expect(sent).toBeLessThan(100e6);
    }
  });

  it("never shows the key, though the server does", async () => {
    await using served = await serve(
      (response) => json(response, 400, { error: { message: "your key sk-topsecret is odd" } }),
      {},
      { apiKey: "sk-topsecret" },
    );
    const error = await failure(served.teacher.chat(callOf()));
    expect(error.message).toContain("your key [key] is odd");
    expect(JSON.stringify([error.message, error.hint, String(error.cause), error.stack])).not.toContain("topsecret");
  });
});

describe("time", () => {
  it("runs out when the line is silent, before or in a reply, and halves the concurrency", async () => {
    await using served = await serve(
      (response, _request, number) => {
        if (number > 0) events(response, [delta({ content: "a" })]);
      },
      { timeoutSeconds: 0.2 },
    );
    for (const limit of [4, 2]) {
      const error = await failure(served.teacher.chat(callOf()));
      expect([error.code, error.isRetryable]).toEqual(["teacher_timeout", true]);
      expect(error.message).toContain("said nothing for 0.2 s");
      expect(served.teacher.concurrency().limit).toBe(limit);
    }
  });

  it("does not run out while the line speaks, but not for ever", async () => {
    await using served = await serve(
      (response, _request, number) => {
        events(response, []);
        let beats = 0;
        const timer = setInterval(() => {
          beats += 1;
          response.write(": keep-alive\n\n");
          if (number > 0 || beats < 8) return;
          clearInterval(timer);
          response.end(`data: ${JSON.stringify(delta({ content: "slow" }, "stop"))}\n\ndata: [DONE]\n\n`);
        }, 100);
        response.on("close", () => clearInterval(timer));
      },
      { timeoutSeconds: 0.6 },
    );
    expect((await served.teacher.chat(callOf())).message.content).toBe("slow");
    expect((await failure(served.teacher.chat(callOf()))).message).toContain("still talking after 3.6 s");
  });

  it("ends at once when the caller aborts, running or waiting, without blaming the teacher", async () => {
    await using served = await serve(() => {}, { concurrency: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = failure(served.teacher.chat(callOf({ signal: first.signal })));
    const waiting = failure(served.teacher.chat(callOf({ signal: second.signal })));
    await expect.poll(() => served.server.received.length).toBe(1);
    expect(served.teacher.concurrency()).toEqual({ limit: 1, max: 1, inFlight: 1, waiting: 1 });
    second.abort();
    expect((await waiting).code).toBe("interrupted");
    first.abort();
    expect((await running).code).toBe("interrupted");
    expect(served.teacher.concurrency()).toEqual({ limit: 1, max: 1, inFlight: 0, waiting: 0 });
    expect((await failure(served.teacher.chat(callOf({ signal: AbortSignal.abort() })))).code).toBe("interrupted");
    expect(served.server.received).toHaveLength(1);
  });
});

describe("concurrency", () => {
  it("never has more calls on the line than the limit, halves once for a burst of 429, and recovers", async () => {
    let open = 0;
    let most = 0;
    let isBusy = true;
    const all = Promise.withResolvers<void>();
    await using served = await serve(async (response) => {
      open += 1;
      most = Math.max(most, open);
      if (open === 8) all.resolve();
      await (isBusy ? all.promise : new Promise((resolve) => setTimeout(resolve, 5)));
      open -= 1;
      if (isBusy) json(response, 429, { error: { message: "slow down" } }, { "retry-after": "2" });
      else json(response, 200, completion({ content: "a" }));
    });
    const burst = await Promise.all(
      Array.from({ length: 8 }, (_, index) => failure(served.teacher.chat(callOf({ callId: `b/${index}` })))),
    );
    expect(burst.map(({ code, retryAfterMs }) => [code, retryAfterMs])).toEqual(burst.map(() => ["teacher_rate_limit", 2000]));
    expect([most, served.teacher.concurrency().limit]).toEqual([8, 4]);
    isBusy = false;
    most = 0;
    await Promise.all(Array.from({ length: 40 }, (_, index) => served.teacher.chat(callOf({ callId: `c/${index}` }))));
    expect(most).toBeLessThanOrEqual(8);
    expect(served.teacher.concurrency()).toEqual({ limit: 8, max: 8, inFlight: 0, waiting: 0 });
  });
});

describe("no teacher", () => {
  it("is a connection error that says what to look at", async () => {
    const placeholder = createServer();
    await new Promise<void>((resolve) => placeholder.listen(0, "127.0.0.1", resolve));
    const address = placeholder.address();
    await new Promise((resolve) => placeholder.close(resolve));
    const port = typeof address === "object" && address !== null ? address.port : 1;
    const refused = createOpenAiTeacher({ config: teacherConfig(`http://127.0.0.1:${port}/v1`) });
    const error = await failure(refused.chat(callOf()));
    expect([error.code, error.isRetryable, error.hint]).toEqual([
      "teacher_connection",
      true,
      expect.stringContaining("is the server started"),
    ]);
    const unknown = createOpenAiTeacher({ config: teacherConfig("http://teacher.invalid/v1") });
    expect(await failure(unknown.chat(callOf()))).toMatchObject({
      code: "teacher_connection",
      hint: expect.stringMatching(/teacher.baseUrl|network/),
    });
    await Promise.all([refused.close(), unknown.close()]);
  });
});
