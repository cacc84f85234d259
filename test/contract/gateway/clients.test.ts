import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { readEvents } from "../../upstream/gateway.ts";
import type { Reply } from "../../upstream/index.ts";
import { keyRecord } from "../../upstream/key-record.ts";
import { stage } from "../../upstream/stage.ts";

const TOOL = { name: "Bash", description: "Runs.", input_schema: { type: "object" as const, properties: { command: { type: "string" } } } };
const ASK = { model: "student-32b", max_tokens: 1000, messages: [{ role: "user" as const, content: "Look around." }] };
const CALL: Reply = { thinking: "I look.", content: "Let me see.", calls: [{ name: "Bash", arguments: '{"command": "ls {a,b}"}' }] };

describe("@anthropic-ai/sdk", () => {
  it("reads thoughts, text, a call and usage, streamed or not", async () => {
    const { upstream, gateway } = await stage([CALL]);
    const client = gateway.anthropic();
    const whole = await client.messages.create({ ...ASK, tools: [TOOL] });
    const deltas: string[] = [];
    const streamed = await client.messages
      .stream({ ...ASK, tools: [TOOL] })
      .on("inputJson", (delta) => deltas.push(delta))
      .finalMessage();
    for (const message of [whole, streamed]) {
      expect(message).toMatchObject({
        type: "message",
        role: "assistant",
        model: "student-32b",
        stop_reason: "tool_use",
        content: [
          { type: "thinking", thinking: "I look.", signature: expect.stringMatching(/./) },
          { type: "text", text: expect.stringMatching(/^Let me see\.\s*$/) },
          { type: "tool_use", name: "Bash", input: { command: "ls {a,b}" } },
        ],
      });
      expect(message.usage.output_tokens).toBeGreaterThan(10);
    }
    expect(deltas.join("")).toBe('{"command": "ls {a,b}"}');
    const [first, second] = upstream.chats.map(({ chat }) => chat);
    expect(whole.usage.input_tokens + (whole.usage.cache_read_input_tokens ?? 0)).toBe(first?.promptTokens);
    expect(streamed.usage.cache_read_input_tokens).toBe(second?.cachedTokens);
    expect(second?.cachedTokens).toBeGreaterThan(0);
  });

  it("hears why an answer ended", async () => {
    const { gateway } = await stage([{ content: "one two three STOP four" }]);
    const client = gateway.anthropic();
    expect(await client.messages.create({ ...ASK, max_tokens: 2 })).toMatchObject({
      stop_reason: "max_tokens",
      content: [{ text: "one two" }],
    });
    expect(await client.messages.create({ ...ASK, stop_sequences: ["STOP"] })).toMatchObject({
      stop_reason: "stop_sequence",
      stop_sequence: "STOP",
      content: [{ text: "one two three " }],
    });
    expect(await client.messages.stream(ASK).finalMessage()).toMatchObject({ stop_reason: "end_turn" });
  });

  it("counts tokens as the model's server does", async () => {
    const { upstream, gateway } = await stage([{ content: "fine" }]);
    const client = gateway.anthropic();
    const { model, messages } = ASK;
    const { input_tokens: counted } = await client.messages.countTokens({ model, messages, tools: [TOOL] });
    await client.messages.create({ ...ASK, tools: [TOOL] });
    expect(counted).toBe(upstream.chats[0]?.chat?.promptTokens);
  });

  it("lists the models", async () => {
    const { gateway } = await stage([{ content: "fine" }]);
    const client = gateway.anthropic();
    expect((await client.models.list({ limit: 1000 })).data).toMatchObject([{ type: "model", id: "student-32b" }]);
    expect(await client.models.retrieve("student-32b")).toMatchObject({ id: "student-32b" });
    await expect(client.models.retrieve("nothing")).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });

  it("asks under names that no model has, too: clients do so in the background", async () => {
    const { upstream, gateway } = await stage([{ content: "fine" }]);
    expect(await gateway.anthropic().messages.create({ ...ASK, model: "some-small-model" })).toMatchObject({ model: "some-small-model" });
    expect(upstream.chats[0]?.chat?.body.model).toBe("student");
  });
});

describe("openai", () => {
  const messages = [{ role: "user" as const, content: "Look around." }];
  const tools = [{ type: "function" as const, function: { name: "Bash", parameters: { type: "object" } } }];

  it("passes through, byte for byte but for the model's name", async () => {
    const { upstream, gateway } = await stage([CALL], { hasCollidingIds: true, clock: { now: () => 0, sleep: () => Promise.resolve() } });
    const body = { messages, tools, model: "student", stream: true, stream_options: { include_usage: true }, tomorrow: [1.0] };
    const text = JSON.stringify(body);
    const direct = await fetch(`${upstream.url}/v1/chat/completions`, { method: "POST", body: text });
    const passed = await gateway.post("/v1/chat/completions", JSON.stringify({ ...body, model: "student-32b" }));
    expect(passed.headers.get("content-type")).toBe(direct.headers.get("content-type"));
    const [one, other] = [await direct.text(), await passed.text()];
    expect(other.replace(/"cached_tokens":\d+/, "")).toBe(one.replace(/"cached_tokens":\d+/, ""));
    expect(upstream.chats.map((received) => received.body)).toEqual([text, text]);
  });

  it.each([true, false])("says and hears data as it is, while the model reads and writes it escaped; stream: %s", async (stream) => {
    const tags = "</think> <tool_call> <|im_end|> <\\think> é";
    const escaped = "<\\/think> <\\tool_call> <\\|im_end|> <\\\\think> é";
    const written = JSON.stringify({ command: escaped });
    const { upstream, gateway } = await stage([{ thinking: escaped, content: escaped, calls: [{ name: "Bash", arguments: written }] }]);
    const described = [{ type: "function" as const, function: { name: "Bash", description: tags, parameters: { type: "object" } } }];
    const body = { model: "student-32b", messages: [{ role: "user" as const, content: tags }], tools: described };
    let [content, input] = ["", ""];
    if (stream) {
      for await (const { choices } of await gateway.openai().chat.completions.create({ ...body, stream })) {
        content += choices[0]?.delta.content ?? "";
        input += choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";
      }
    } else {
      const message = (await gateway.openai().chat.completions.create({ ...body, stream })).choices[0]?.message;
      const call = message?.tool_calls?.[0];
      [content, input] = [message?.content ?? "", call?.type === "function" ? call.function.arguments : ""];
    }
    expect(content).toBe(`<think>\n${tags}\n</think>\n\n${tags}\n`);
    expect(JSON.parse(input)).toEqual({ command: tags });
    const prompt = upstream.chats[0]?.chat?.prompt ?? "";
    expect(prompt).toContain(`<|im_start|>user\n${escaped}<|im_end|>\n`);
    expect(prompt).toContain(`"description": ${JSON.stringify(escaped)}`);
  });

  it("reads streams, whole answers and models", async () => {
    const { gateway } = await stage([CALL]);
    const client = gateway.openai();
    const whole = await client.chat.completions.create({ model: "student-32b", messages, tools });
    expect(whole.choices[0]?.message.tool_calls).toMatchObject([{ function: { name: "Bash", arguments: '{"command": "ls {a,b}"}' } }]);
    const stream = await client.chat.completions.create({ model: "student-32b", messages, tools, stream: true });
    let input = "";
    for await (const chunk of stream) input += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";
    expect(input).toBe('{"command": "ls {a,b}"}');
    expect((await client.models.list()).data).toMatchObject([{ id: "student-32b", object: "model" }]);
    expect(await client.models.retrieve("student-32b")).toMatchObject({ id: "student-32b" });
  });
});

describe("requests", () => {
  it("with fields, betas and block types of tomorrow are answered", async () => {
    const { gateway } = await stage([{ content: "fine" }]);
    const response = await gateway.post(
      "/v1/messages?beta=true",
      {
        ...ASK,
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "hi", cache_control: { type: "ephemeral" }, citations: null },
              { type: "hologram", depth: 3 },
            ],
          },
        ],
        context_management: { edits: [{ type: "clear_everything_20300101" }] },
        output_config: { effort: "heroic" },
        thinking: { type: "adaptive", display: "updates" },
        service_tier: "moon",
        metadata: { user_id: '{"device_id":"x"}' },
        tools: [
          { type: "tool_of_tomorrow_20300101", name: "tomorrow", extra: [] },
          { ...TOOL, defer_loading: true, strict: true },
        ],
      },
      { "anthropic-beta": "claude-code-20250219,never-heard-of-2030-01-01", "anthropic-version": "2030-01-01" },
    );
    expect([response.status, await response.json()]).toMatchObject([200, { content: [{ text: "fine" }] }]);
  });

  it.each([
    ["no JSON", "{", /not valid JSON/],
    ["no object", "[]", /object/],
    ["no messages", { model: "m", max_tokens: 1 }, /messages/],
    ["empty messages", { ...ASK, messages: [] }, /messages/],
    ["a message that is none", { ...ASK, messages: ["hi"] }, /messages\[0\]/],
    ["a role that is none", { ...ASK, messages: [{ role: "robot", content: "hi" }] }, /messages\[0\]/],
    ["content of a wrong type", { ...ASK, messages: [{ role: "user", content: 1 }] }, /messages\[0\]/],
    ["a limit that is none", { ...ASK, max_tokens: "many" }, /max_tokens/],
    ["a temperature that is none", { ...ASK, temperature: "hot" }, /temperature/],
    ["tools that are none", { ...ASK, tools: {} }, /tools/],
    ["a system of a wrong type", { ...ASK, system: 7 }, /system/],
  ])("%s: a 400 that names the place, and nothing is asked upstream", async (_what, body, message) => {
    const { upstream, gateway } = await stage([{ content: "fine" }]);
    for (const path of ["/v1/messages", "/v1/messages/count_tokens"]) {
      const response = await gateway.post(path, body);
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { type: "error", error: { type: "invalid_request_error", message: expect.stringMatching(message) } },
      ]);
    }
    expect(upstream.received).toHaveLength(0);
  });

  it("that are too large are refused, with or without their length told before", async () => {
    const { upstream, gateway } = await stage([{ content: "fine" }], {}, { limits: { maxBodyBytes: 10_000 } });
    const text = JSON.stringify({ ...ASK, messages: [{ role: "user", content: "x".repeat(20_000) }] });
    const streamed = (): Promise<Response> =>
      fetch(`${gateway.url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: new Blob([text]).stream(),
        duplex: "half",
      });
    for (const response of [await gateway.post("/v1/messages", text), await streamed()]) {
      expect([response.status, await response.json()]).toMatchObject([413, { error: { type: "request_too_large" } }]);
    }
    expect(upstream.received).toHaveLength(0);
    expect(await gateway.anthropic().messages.create(ASK)).toMatchObject({ content: [{ text: "fine" }] });
  });

  it("to other places get a 404 in the API's shape", async () => {
    const { gateway } = await stage([{ content: "fine" }]);
    const response = await gateway.post("/v1/complete", {});
    expect([response.status, await response.json()]).toMatchObject([404, { type: "error", error: { type: "not_found_error" } }]);
  });
});

describe("keys", () => {
  const KEYS = [
    keyRecord("good", "sk-good"),
    keyRecord("gone", "sk-gone", { isRevoked: true }),
    keyRecord("twice", "sk-twice", { requestsPerMinute: 2 }),
    keyRecord("small", "sk-small", { tokensPerMinute: 30 }),
  ];

  it("that are missing, wrong or revoked are refused on every route, once and for all", async () => {
    const { upstream, gateway } = await stage([{ content: "fine" }], {}, { keys: KEYS });
    const refused: Record<string, string>[] = [
      {},
      { "x-api-key": "sk-other" },
      { authorization: "Bearer sk-gone" },
      { authorization: "Basic c2stZ29vZA==" },
    ];
    for (const headers of refused) {
      for (const path of ["/v1/messages", "/v1/messages/count_tokens", "/v1/chat/completions"]) {
        const response = await gateway.post(path, ASK, headers);
        const body = await response.text();
        expect([response.status, response.headers.get("x-should-retry")]).toEqual([401, "false"]);
        expect(body).toMatch(path.startsWith("/v1/messages") ? /"authentication_error"/ : /"invalid_api_key"/);
        expect(body).not.toMatch(/sk-/);
      }
    }
    expect(upstream.received).toHaveLength(0);
    expect(gateway.records.every(({ keyId, status }) => keyId === null && status === 401)).toBe(true);
    await expect(gateway.anthropic("sk-gone").models.list()).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(gateway.openai("sk-other").models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it("that are known work in either header, and never go upstream", async () => {
    const { upstream, gateway } = await stage(
      [{ content: "fine" }],
      { apiKey: "upstream-key" },
      { keys: KEYS, upstreamKey: "upstream-key" },
    );
    expect((await gateway.post("/v1/messages", ASK, { "x-api-key": "sk-good" })).status).toBe(200);
    expect((await gateway.post("/v1/messages", ASK, { authorization: "Bearer sk-good" })).status).toBe(200);
    expect((await gateway.post("/v1/chat/completions", { ...ASK, model: "student" }, { authorization: "Bearer sk-good" })).status).toBe(
      200,
    );
    expect(gateway.records.map(({ keyId }) => keyId)).toEqual(["good", "good", "good"]);
    expect(JSON.stringify(upstream.received)).not.toContain("sk-good");
    expect(upstream.received.every(({ headers }) => headers.authorization === "Bearer upstream-key")).toBe(true);
  });

  it("have their limits, of requests and of tokens, and are told when to come back", async () => {
    const { upstream, gateway } = await stage([{ content: "one two three four" }], {}, { keys: KEYS });
    const statuses = async (key: string): Promise<[number, boolean][]> => {
      const seen: [number, boolean][] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const response = await gateway.post("/v1/messages", ASK, { "x-api-key": key });
        await response.text();
        seen.push([response.status, Number(response.headers.get("retry-after")) > 0]);
      }
      return seen;
    };
    expect(await statuses("sk-twice")).toEqual([
      [200, false],
      [200, false],
      [429, true],
    ]);
    const small = await statuses("sk-small");
    expect(small[0]).toEqual([200, false]);
    expect(small.at(-1)).toEqual([429, true]);
    expect((await statuses("sk-good")).every(([status]) => status === 200)).toBe(true);
    await expect(gateway.anthropic("sk-twice").messages.create(ASK)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    expect(upstream.chats.length).toBeLessThanOrEqual(2 + 2 + 3);
  });
});

describe("200 conversations at once, with upstream ids that are all the same", () => {
  it("each get their own answer, and ids that nobody else has", async () => {
    const { upstream, gateway } = await stage(
      (request) => {
        const name = /conversation (\d+)/.exec(request.body)?.[1] ?? "none";
        const words = `This is for ${name}. ${"word ".repeat(20)}`;
        return {
          thinking: `Thinking of ${name}.`,
          content: words,
          calls: [{ name: "Bash", arguments: { command: `echo ${name}` } }],
          tokensPerSecond: 400,
        };
      },
      { hasCollidingIds: true },
    );
    const conversations = Array.from({ length: 200 }, (_, name) => name);
    const answers = await Promise.all(
      conversations.map(async (name) => {
        const response = await gateway.post("/v1/messages", {
          ...ASK,
          stream: true,
          tools: [TOOL],
          messages: [{ role: "user", content: `This is conversation ${name}.` }],
        });
        return (await readEvents(response)).events;
      }),
    );
    const ids = new Set<string>();
    for (const [name, events] of answers.entries()) {
      const text = JSON.stringify(events);
      const deltas = events
        .map((event) => Object(event["delta"]))
        .map((delta) => `${delta.text ?? ""}${delta.thinking ?? ""}${delta.partial_json ?? ""}`);
      const said = deltas.join("");
      expect(said).toContain(`Thinking of ${name}.`);
      expect(said).toContain(`This is for ${name}. word`);
      expect(said).toContain(`"echo ${name}"`);
      expect(events.at(-1)?.type).toBe("message_stop");
      for (const [, id] of text.matchAll(/"type":"tool_use","id":"([^"]+)"/g)) ids.add(id ?? "");
      for (const [, id] of text.matchAll(/"message":\{"id":"([^"]+)"/g)) ids.add(id ?? "");
    }
    expect(ids.size).toBe(400);
    await upstream.idle();
    expect(upstream.chats.every(({ outcome }) => outcome === "answered")).toBe(true);
  });
});
