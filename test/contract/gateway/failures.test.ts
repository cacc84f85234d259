import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import type { StreamEvent, TestGateway } from "../../upstream/gateway.ts";
import { fasterClock, readEvents } from "../../upstream/gateway.ts";
import type { Answer, Break, Reply, TestUpstream } from "../../upstream/index.ts";
import { badGatewayPage, overloaded, OVERFLOW_WORDINGS, tooMany } from "../../upstream/index.ts";
import { stage } from "../../upstream/stage.ts";

const TOOL = { name: "Bash", description: "Runs.", input_schema: { type: "object" as const, properties: { command: { type: "string" } } } };
const ASK = {
  model: "student-32b",
  max_tokens: 1000,
  tools: [TOOL],
  messages: [{ role: "user" as const, content: "Look around." }],
};
const GOOD: Reply = {
  thinking: "I look.",
  content: "Let me see.",
  calls: [{ name: "Bash", arguments: '{"command": "ls -la /some/where"}' }],
};

/** A gateway that still works answers the next request as if nothing had been. */
async function expectHealthy(gateway: TestGateway, upstream: TestUpstream): Promise<void> {
  const message = await gateway.anthropic().messages.create(ASK);
  expect(message).toMatchObject({
    stop_reason: "tool_use",
    content: [{ type: "thinking" }, { type: "text" }, { type: "tool_use", name: "Bash" }],
  });
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  await upstream.idle();
}

const headersOf = (response: Response) => ({
  retryAfter: response.headers.get("retry-after"),
  shouldRetry: response.headers.get("x-should-retry"),
});

/** The events of a stream that failed: well-formed so far, an error at the end, and nothing that says that all is well. */
function expectFailed(events: readonly StreamEvent[]): Record<string, unknown> {
  const types = events.map(({ type }) => type);
  expect(types[0]).toBe("message_start");
  expect(types.at(-1)).toBe("error");
  expect(types).not.toContain("message_stop");
  expect(types).not.toContain("message_delta");
  return { ...events.at(-1) };
}

describe("a model server that gives no answer", () => {
  interface Case {
    readonly what: string;
    readonly answer: Answer;
    readonly status: number;
    readonly type: string;
    readonly retryAfter?: string;
    readonly shouldRetry?: string;
  }
  const cases: readonly Case[] = [
    { what: "503", answer: overloaded(), status: 529, type: "overloaded_error", retryAfter: "5" },
    { what: "503 with retry-after", answer: overloaded(7), status: 529, type: "overloaded_error", retryAfter: "7" },
    { what: "429", answer: tooMany(3), status: 429, type: "rate_limit_error", retryAfter: "3" },
    { what: "a page of a proxy", answer: badGatewayPage, status: 500, type: "api_error" },
    { what: "a reset before the headers", answer: { fault: "reset" }, status: 502, type: "api_error" },
    {
      what: "a redirect",
      answer: { fault: "status", status: 302, headers: { location: "/" } },
      status: 502,
      type: "api_error",
      shouldRetry: "false",
    },
    { what: "a 404", answer: { fault: "status", status: 404, body: "{}" }, status: 502, type: "api_error", shouldRetry: "false" },
    {
      what: "a 401",
      answer: { fault: "status", status: 401, body: '{"error":"Unauthorized"}' },
      status: 502,
      type: "api_error",
      shouldRetry: "false",
    },
    {
      what: "a 400",
      answer: { fault: "status", status: 400, body: '{"error":{"message":"No."}}' },
      status: 400,
      type: "invalid_request_error",
    },
  ];

  describe.each([true, false])("stream: %s", (stream) => {
    it.each(cases)("$what", async ({ answer, status, type, retryAfter, shouldRetry }) => {
      const { upstream, gateway } = await stage([answer, GOOD]);
      const response = await gateway.post("/v1/messages", { ...ASK, stream });
      expect(response.status).toBe(status);
      expect(headersOf(response)).toEqual({ retryAfter: retryAfter ?? null, shouldRetry: shouldRetry ?? null });
      const body = await response.text();
      expect(JSON.parse(body)).toMatchObject({
        type: "error",
        error: { type, message: expect.any(String) },
        request_id: expect.any(String),
      });
      expect(body).not.toMatch(/<html|secret\/path|127\.0\.0\.1/);
      expect(gateway.records).toMatchObject([{ status, error: type, outputTokens: 0 }]);
      await expectHealthy(gateway, upstream);
    });

    it("refused connections", async () => {
      const { upstream, gateway } = await stage([GOOD]);
      await upstream.refuse();
      const response = await gateway.post("/v1/messages", { ...ASK, stream });
      expect([response.status, await response.json()]).toEqual([
        502,
        { type: "error", error: { type: "api_error", message: expect.stringContaining("refused") }, request_id: expect.any(String) },
      ]);
      await upstream.accept();
      await expectHealthy(gateway, upstream);
    });

    it("nothing at all, until patience ends", async () => {
      const { upstream, gateway } = await stage([{ fault: "hang" }, GOOD], {}, { limits: { headersMs: 700, totalMs: 2500 } });
      const response = await gateway.post("/v1/messages", { ...ASK, stream });
      expect([504, 529]).toContain(response.status);
      expect(await response.json()).toMatchObject({ error: { type: expect.stringMatching(/^(?:timeout|overloaded)_error$/) } });
      await upstream.idle();
      expect(upstream.chats[0]?.outcome).toBe("left");
      await expectHealthy(gateway, upstream);
    });

    it.each(OVERFLOW_WORDINGS)("a prompt that is too long: %s", async (overflow) => {
      const { upstream, gateway } = await stage([GOOD], { overflow, contextTokens: 400 }, { model: { contextTokens: 400 } });
      const response = await gateway.post("/v1/messages", {
        ...ASK,
        stream,
        max_tokens: 100,
        messages: [{ role: "user", content: "word ".repeat(500) }],
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { type: "invalid_request_error", message: expect.stringMatching(/^prompt is too long: \d+ tokens > \d+ maximum$/) },
      });
      expect(upstream.chats).toHaveLength(0);
      await expectHealthy(gateway, upstream);
    });

    it.each(OVERFLOW_WORDINGS.filter((wording) => wording !== "negative" && wording !== "exceeds" && wording !== "characters"))(
      "an answer that does not fit any more is asked for again, shorter: %s",
      async (overflow) => {
        const { upstream, gateway } = await stage(
          [{ content: "fine" }],
          { overflow, contextTokens: 1000 },
          { model: { contextTokens: 1000 } },
        );
        const response = await gateway.post("/v1/messages", {
          ...ASK,
          stream,
          max_tokens: 900,
          messages: [{ role: "user", content: "word ".repeat(300) }],
        });
        expect(response.status).toBe(200);
        expect(await response.text()).toContain("fine");
        const [chat] = upstream.chats;
        expect(chat?.chat?.body.max_tokens).toBe(1000 - (chat?.chat?.promptTokens ?? 0));
      },
    );
  });

  it("is an error of their own kind to both client libraries", async () => {
    const { gateway } = await stage([tooMany(3), overloaded(2), tooMany(3), overloaded(2), { fault: "reset" }, { fault: "reset" }]);
    const create = (): Promise<unknown> => gateway.anthropic().messages.create(ASK);
    const complete = (): Promise<unknown> =>
      gateway.openai().chat.completions.create({ model: "student-32b", messages: [{ role: "user", content: "hi" }] });
    await expect(create()).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    await expect(create()).rejects.toMatchObject({ status: 529 });
    await expect(complete()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(complete()).rejects.toMatchObject({ status: 503 });
    await expect(create()).rejects.toBeInstanceOf(Anthropic.InternalServerError);
    await expect(complete()).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  });
});

describe("an answer that breaks in its midst", () => {
  const places = ["text", "arguments", "end"] as const;
  const kinds = ["reset", "cut", "ends", "error-chunk", "older-error-chunk", "not-json"] as const;
  const breaks: Break[] = places.flatMap((at) => kinds.map((how) => ({ at, how })));

  it.each(breaks)("$how in $at: an error event, and never an end", async (at) => {
    const { upstream, gateway } = await stage([{ ...GOOD, breaks: at }, GOOD]);
    const response = await gateway.post("/v1/messages", { ...ASK, stream: true });
    expect(response.status).toBe(200);
    const { events, wasCut } = await readEvents(response);
    expect(wasCut).toBe(false);
    expect(expectFailed(events)).toMatchObject({ error: { type: "api_error", message: expect.any(String) } });
    await upstream.idle();
    expect(gateway.records).toMatchObject([{ status: 200, error: "api_error" }]);
    await expectHealthy(gateway, upstream);
  });

  it.each(kinds)("%s in front of everything: an error in place of the stream", async (how) => {
    const { upstream, gateway } = await stage([{ ...GOOD, breaks: { at: "start", how } }, GOOD]);
    const response = await gateway.post("/v1/messages", { ...ASK, stream: true });
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "api_error" } });
    await expectHealthy(gateway, upstream);
  });

  it.each(places)("is an error for the client library: %s", async (at) => {
    const { gateway } = await stage([{ ...GOOD, breaks: { at, how: "reset" } }]);
    await expect(gateway.anthropic().messages.stream(ASK).finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });

  it("and is not streamed: an error", async () => {
    const { upstream, gateway } = await stage([{ ...GOOD, breaks: { at: "text", how: "cut" } }, GOOD]);
    await expect(gateway.anthropic().messages.create(ASK)).rejects.toMatchObject({ status: 502 });
    await expectHealthy(gateway, upstream);
  });

  it("silence in the text ends when patience does, and the server is left", async () => {
    const { upstream, gateway } = await stage(
      [{ ...GOOD, breaks: { at: "text", how: "silence" } }, GOOD],
      {},
      { limits: { silenceMs: 1000 } },
    );
    const { events } = await readEvents(await gateway.post("/v1/messages", { ...ASK, stream: true }));
    expect(expectFailed(events)).toMatchObject({ error: { type: "timeout_error" } });
    await upstream.idle();
    expect(upstream.chats[0]?.outcome).toBe("left");
    await expectHealthy(gateway, upstream);
  });

  it("text without an end is ended with an error when its time is over", async () => {
    const { upstream, gateway } = await stage(
      [{ ...GOOD, breaks: { at: "text", how: "endless" } }, GOOD],
      {},
      { limits: { totalMs: 2500 } },
    );
    const { events } = await readEvents(await gateway.post("/v1/messages", { ...ASK, stream: true }));
    expect(expectFailed(events)).toMatchObject({ error: { type: "overloaded_error" } });
    await upstream.idle();
    expect(upstream.chats[0]?.outcome).toBe("left");
    await expectHealthy(gateway, upstream);
  });

  it("a line of garbage between two events changes nothing", async () => {
    const { gateway } = await stage([{ ...GOOD, breaks: { at: "text", how: "garbage" } }]);
    const message = await gateway.anthropic().messages.stream(ASK).finalMessage();
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      content: [{ thinking: "I look." }, { text: expect.stringMatching(/^Let me see\.\s*$/) }, { name: "Bash" }],
    });
  });

  it("of what should stand at the end, one thing may be missing", async () => {
    const { gateway } = await stage([
      { ...GOOD, omits: ["done"] },
      { ...GOOD, omits: ["finish"] },
      { ...GOOD, omits: ["usage"] },
      { ...GOOD, omits: ["done", "finish"] },
    ]);
    const ask = () => gateway.anthropic().messages.stream(ASK).finalMessage();
    for (const what of ["done", "finish", "usage"]) {
      expect(await ask(), what).toMatchObject({ stop_reason: "tool_use", content: [{}, {}, { input: { command: "ls -la /some/where" } }] });
    }
    await expect(ask()).rejects.toBeInstanceOf(Anthropic.APIError);
  });
});

describe("120 s to the first token", () => {
  it("are waited for, with pings", async () => {
    // A second of this clock is 5 ms; a ping comes every 15 of them.
    const clock = fasterClock(200);
    const eightPings = Promise.withResolvers<void>();
    const { gateway } = await stage([{ ...GOOD, firstToken: eightPings.promise }], { clock }, { clock });
    let pings = 0;
    const { events } = await readEvents(await gateway.post("/v1/messages", { ...ASK, stream: true }), ({ type }) => {
      if (type === "ping" && ++pings === 8) eightPings.resolve();
    });
    const types = events.map(({ type }) => type);
    expect(types.slice(0, 9)).toEqual(["message_start", ...Array.from({ length: 8 }, () => "ping")]);
    expect(types.at(-1)).toBe("message_stop");
    expect(gateway.records[0]?.firstTokenMs).toBeGreaterThanOrEqual(120_000);
  });
});

describe("a client that leaves", () => {
  // The server falls silent in its midst, so that the client leaves before it ends, however slow this machine is.
  const halfSaid = (at: "text" | "arguments", more: Reply): Reply => ({ ...GOOD, ...more, breaks: { at, how: "silence" } });
  const words = "word ".repeat(100);
  const moments: readonly {
    readonly when: string;
    readonly answer: Answer;
    readonly until: ((events: readonly StreamEvent[]) => boolean) | null;
  }[] = [
    { when: "before the server answers", answer: { fault: "hang" }, until: null },
    { when: "before the first token", answer: { ...GOOD, breaks: { at: "start", how: "silence" } }, until: null },
    { when: "in a thought", answer: halfSaid("text", { thinking: words }), until: (events) => says(events, "thinking_delta") },
    { when: "in the text", answer: halfSaid("text", { content: words }), until: (events) => says(events, "text_delta") },
    {
      when: "in the arguments of a call",
      answer: halfSaid("arguments", { calls: [{ name: "Bash", arguments: { command: words } }] }),
      until: (events) => says(events, "input_json_delta"),
    },
  ];
  const says = (events: readonly StreamEvent[], type: string): boolean => events.some((event) => JSON.stringify(event).includes(type));

  it.each(moments)("$when: the server is left, too", async ({ answer, until }) => {
    const { upstream, gateway } = await stage((_request, index) => (index === 0 ? answer : GOOD));
    const leaving = new AbortController();
    const asked = gateway.post("/v1/messages", { ...ASK, stream: true }, {}, leaving.signal);
    if (until === null) {
      asked.catch(() => {});
      while (upstream.chats.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      leaving.abort();
    } else {
      const seen: StreamEvent[] = [];
      await readEvents(await asked, (event) => {
        seen.push(event);
        if (until(seen)) leaving.abort();
      });
    }
    await upstream.idle();
    expect(upstream.chats[0]?.outcome).toBe("left");
    expect(gateway.records).toMatchObject([{ status: 499, error: "client_gone" }]);
    await expectHealthy(gateway, upstream);
  });

  it("leaves the server of a pass-through, too", async () => {
    const { upstream, gateway } = await stage([{ ...GOOD, breaks: { at: "text", how: "endless" } }]);
    const stream = await gateway
      .openai()
      .chat.completions.create({ model: "student", messages: [{ role: "user", content: "hi" }], stream: true });
    for await (const _ of stream) break;
    await upstream.idle();
    expect(upstream.chats[0]?.outcome).toBe("left");
  });
});
