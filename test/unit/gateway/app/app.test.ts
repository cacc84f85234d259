import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Exchange, GatewayDeps } from "../../../../core/gateway/deps.ts";
import { createGatewayApp } from "../../../../core/gateway/app/app.ts";
import { createKeyRing } from "../../../../core/gateway/key-ring.ts";
import { UpstreamError } from "../../../../core/gateway/upstream/upstream.ts";
import { ASK, END, MODEL, USAGE, chunk, events, json, reading, scriptedGateway, silence, typesIn } from "./scripted-gateway.ts";
import { settle, steppedClock } from "./stepped-clock.ts";

const STREAM = { ...ASK, stream: true };
const hello = () => events([chunk({ content: "hello" }), END]);
const gateway = (answer: Parameters<typeof scriptedGateway>[1] = hello, more: Partial<GatewayDeps> = {}) =>
  scriptedGateway(steppedClock(), answer, more);
const keyRing = (capture: boolean) =>
  createKeyRing([
    {
      id: "ci",
      sha256: createHash("sha256").update("secret").digest("hex"),
      isRevoked: false,
      requestsPerMinute: null,
      tokensPerMinute: null,
      capture,
    },
  ]);

describe("web pages", () => {
  test("cannot post without a preflight, and no preflight is granted", async () => {
    const { app, post, asked } = gateway();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
      expect((await post("/v1/messages", ASK, { "content-type": type })).status).toBe(415);
    const preflight = await app.request("/v1/messages", { method: "OPTIONS", headers: { origin: "https://page.test" } });
    expect(preflight.status).toBe(404);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("cannot use a gateway without keys, by whatever name they reach it; with keys the key decides", async () => {
    const origin = { origin: "http://rebound.test" };
    expect((await gateway().post("/v1/messages", ASK, origin)).status).toBe(403);
    const locked = gateway(() => json(200, {}), { keys: keyRing(false) });
    expect((await locked.post("/v1/messages/count_tokens", ASK, { ...origin, "x-api-key": "secret" })).status).toBe(501);
  });
});

describe("bodies", () => {
  test("that are compressed are refused in words", async () => {
    const response = await gateway().post("/v1/messages", ASK, { "content-encoding": "gzip" });
    expect(response.status).toBe(415);
    expect(await response.text()).toContain('content-encoding \\"gzip\\"');
  });

  test("are counted while they come: a declared length is no promise", async () => {
    const { app } = gateway();
    let pulled = 0;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(1_000).fill(32));
        },
      });
    const request = new Request("http://gateway.test/v1/messages", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: endless(),
      duplex: "half",
    });
    const response = await app.request(request);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { type: "request_too_large" } });
    expect(pulled).toBeLessThan(20);
  });
});

describe("a streamed answer", () => {
  test("has the headers that keep proxies from holding it back", async () => {
    const { post } = gateway();
    const { headers } = await post("/v1/messages", STREAM);
    expect(headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("x-accel-buffering")).toBe("no");
    expect(headers.get("request-id")).toMatch(/^req_\w{24}$/);
  });

  test("stays undecided for 10 s, then begins and is pinged every 15 s", async () => {
    const clock = steppedClock();
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof hello>>();
    const { post } = scriptedGateway(clock, () => promise);
    const answered = post("/v1/messages", STREAM);
    await clock.pass(9_900);
    expect(await Promise.race([answered, Promise.resolve("undecided")])).toBe("undecided");
    await clock.pass(200);
    const { got, over } = reading(await answered);
    await clock.pass(35_000);
    expect(typesIn(got.text)).toEqual(["message_start", "ping", "ping", "ping"]);
    resolve(hello());
    await over;
    expect(typesIn(got.text).at(-1)).toBe("message_stop");
  });

  test.each([
    ["no status in time", 60_000, 504, () => new Promise<never>(() => {})],
    ["nothing after the status", 120_000, 504, null],
  ] as const)("ends when the server gives %s", async (_, ms, status, answer) => {
    const clock = steppedClock();
    const { post, records } = scriptedGateway(clock, (request) =>
      answer === null
        ? {
            ...hello(),
            body: (async function* () {
              yield await silence(request.signal);
            })(),
          }
        : Promise.race([answer(), silence(request.signal)]),
    );
    const { got, over } = reading(await Promise.all([post("/v1/messages", STREAM), clock.pass(10_000)]).then(([response]) => response));
    await clock.pass(ms - 10_100);
    expect(got.isOver).toBe(false);
    await clock.pass(200);
    await over;
    expect(got.text).toMatch(/event: error\ndata: .*timeout_error/);
    expect(records).toMatchObject([{ error: "timeout_error" }]);
    expect(status).toBe(504);
  });

  test("that breaks before it says anything is still an HTTP error", async () => {
    const { post } = gateway(() =>
      events(
        (async function* () {
          yield chunk({ role: "assistant", content: "" });
          throw new UpstreamError("reset", "broke");
        })(),
      ),
    );
    const response = await post("/v1/messages", STREAM);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "api_error" } });
  });

  test("holds the model's server back while nobody reads it", async () => {
    let sent = 0;
    const { post } = gateway((request) =>
      events(
        (async function* () {
          for (;;) {
            sent += 1;
            yield chunk({ content: "x".repeat(1_000) });
          }
        })(),
        request.signal,
      ),
    );
    const response = await post("/v1/messages", STREAM);
    await settle();
    const stalledAt = sent;
    expect(stalledAt).toBeLessThan(80);
    await settle();
    expect(sent).toBe(stalledAt);
    await response.body!.cancel();
    await settle();
    expect(sent).toBeLessThanOrEqual(stalledAt + 1);
  });
});

test("overflow with room left is asked once more, for an answer that fits", async () => {
  const refusal = json(400, {
    message:
      "This model's maximum context length is 1000 tokens. However, you requested 1600 tokens (700 in the messages, 900 in the completion).",
  });
  const { post, asked } = gateway((request) => (JSON.parse(request.body as string).max_tokens > 300 ? refusal : hello()));
  const response = await post("/v1/messages", { ...STREAM, max_tokens: 900 });
  expect(typesIn(await response.text())).toContain("message_stop");
  expect(asked.map(({ body }) => JSON.parse(body as string).max_tokens)).toEqual([900, 300]);
});

test("overflow with next to no room is told to the client, who can compact", async () => {
  const refusal = json(400, {
    message:
      "This model's maximum context length is 1000 tokens. However, you requested 1890 tokens (990 in the messages, 900 in the completion).",
  });
  const { post, asked } = gateway(() => refusal);
  const response = await post("/v1/messages", { ...STREAM, max_tokens: 900 });
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(/prompt is too long: 990 tokens > \d+ maximum/);
  expect(asked).toHaveLength(1);
});

describe("counting tokens", () => {
  test("asks the model's server, with the tools and the generation prompt", async () => {
    const { post, asked } = gateway(() => json(200, { count: 77, max_model_len: 1_000, tokens: [] }));
    const tools = [{ name: "Bash", description: "Runs.", input_schema: { type: "object", properties: {} } }];
    expect(await (await post("/v1/messages/count_tokens", { model: "m", messages: ASK.messages, tools })).json()).toEqual({
      input_tokens: 77,
    });
    expect(asked[0]?.path).toBe("/tokenize");
    expect(JSON.parse(asked[0]?.body as string)).toMatchObject({
      model: "student",
      add_generation_prompt: true,
      tools: [{ function: { name: "Bash" } }],
    });
  });

  test("goes on with an own tokenizer where the server has none, or is not there", async () => {
    const countTokens = async () => 12;
    for (const answer of [() => json(404, { detail: "Not Found" }), () => Promise.reject(new UpstreamError("refused", "no"))]) {
      const { post } = gateway(answer, { countTokens });
      expect(await (await post("/v1/messages/count_tokens", ASK)).json()).toEqual({ input_tokens: 12 });
    }
  });

  test("where nobody can, tells the client not to ask again", async () => {
    const response = await gateway(() => json(404, { detail: "Not Found" })).post("/v1/messages/count_tokens", ASK);
    expect([response.status, response.headers.get("x-should-retry")]).toEqual([501, "false"]);
  });
});

describe("the pass-through", () => {
  const BODY = `{ "model":"m", "seed":12345678901234567890,"messages" : [{"role":"user","content":"\\u00fc"}] }`;

  test("changes the model's name and nothing else, not even numbers that JavaScript cannot hold", async () => {
    const { post, asked } = gateway(() => json(200, { choices: [] }));
    await post("/v1/chat/completions", BODY);
    expect(asked[0]?.body).toBe(`{"model":"student","seed":12345678901234567890,"messages":[{"role":"user","content":"\\u00fc"}]}`);
    await post("/v1/chat/completions", BODY.replace('"m"', '"student"'));
    expect(asked[1]?.body).toBe(BODY.replace('"m"', '"student"'));
  });

  test("gives the answer byte for byte, and reads its usage on the way", async () => {
    const parts = [chunk({ content: "hä" }), USAGE, "data: [DONE]\n\n"];
    const { post, records } = gateway(() => events(parts));
    const response = await post("/v1/chat/completions", { ...STREAM });
    expect(await response.text()).toBe(parts.join(""));
    expect(records).toMatchObject([{ route: "/v1/chat/completions", inputTokens: 11, outputTokens: 3, status: 200 }]);
  });

  test("gives refusals as they are, but not what concerns the gateway's own key, nor pages of a proxy", async () => {
    const refusal = { error: { message: "temperature must be non-negative", type: "BadRequestError", code: 400 } };
    const given = await gateway(() => json(400, refusal)).post("/v1/chat/completions", ASK);
    expect([given.status, await given.json()]).toEqual([400, refusal]);
    const key = await gateway(() => json(401, { error: "Unauthorized" })).post("/v1/chat/completions", ASK);
    expect(key.status).toBe(502);
    const page = await gateway(() => ({
      ...json(500, "<html>at /srv/app.py</html>"),
      headers: new Headers({ "content-type": "text/html" }),
    })).post("/v1/chat/completions", ASK);
    expect(await page.json()).toMatchObject({ error: { type: "api_error", param: null } });
  });

  test("is cut where the server's answer broke, so that nobody takes it for a whole one", async () => {
    const { post, records } = gateway(() =>
      events(
        (async function* () {
          yield chunk({ content: "half" });
          await settle();
          throw new UpstreamError("reset", "broke");
        })(),
      ),
    );
    const response = await post("/v1/chat/completions", STREAM);
    await expect(response.text()).rejects.toThrow("broken off");
    expect(records).toMatchObject([{ error: "api_error" }]);
  });

  test.each([["[]"], ["null"], ['{"model":7}'], ['{"messages":[]}'], ["{"]])("refuses %s in OpenAI's shape", async (body) => {
    const response = await gateway().post("/v1/chat/completions", body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String), param: null } });
  });
});

describe("records", () => {
  test("are made once a request, with counts and times and nothing of its content", async () => {
    const { post, records } = gateway();
    await (await post("/v1/messages", { ...STREAM, messages: [{ role: "user", content: "top secret" }] })).text();
    await post("/v1/messages", "{");
    expect(records).toMatchObject([
      { route: "/v1/messages", model: "m", keyId: null, status: 200, error: null, inputTokens: 11, outputTokens: 3 },
      { route: "/v1/messages", model: null, status: 400, error: "invalid_request_error" },
    ]);
    expect(JSON.stringify(records)).not.toContain("secret");
  });

  test("hold everything only where it is captured: for keys that ask for it, and for all where there are no keys", async () => {
    const cases = [
      [null, true],
      [keyRing(true), true],
      [keyRing(false), false],
    ] as const;
    for (const [keys, isCaptured] of cases) {
      const captured: Exchange[] = [];
      const { post } = gateway(hello, { keys, capture: (_, exchange) => captured.push(exchange) });
      await (await post("/v1/messages", STREAM, { "x-api-key": "secret" })).text();
      expect(captured).toHaveLength(isCaptured ? 1 : 0);
      if (!isCaptured) continue;
      expect(JSON.parse(captured[0]!.request)).toEqual(STREAM);
      expect(captured[0]!.upstreamRequest).toContain('"model":"student"');
      expect(typesIn(captured[0]!.reply).at(-1)).toBe("message_stop");
    }
  });
});

test("a fault of the gateway itself tells the client nothing, and the operator everything", async () => {
  const { post, defects } = gateway(() => {
    throw new TypeError("x is not a function at /srv/secret.ts");
  });
  const response = await post("/v1/messages", STREAM);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
  expect(defects).toHaveLength(1);
});

test("health wants no key and says where the servers are; the root answers old clients", async () => {
  const { app } = gateway(hello, { keys: keyRing(false) });
  expect(await (await app.request("/health")).json()).toEqual({ status: "ok", endpoints: [{ model: "m", state: "ready" }] });
  expect((await app.request("/", { method: "HEAD" })).status).toBe(200);
  expect((await app.request("/v1/models")).status).toBe(401);
});

test("health does not wait for an endpoint that nobody can look at", async () => {
  const clock = steppedClock();
  const hanging = { state: () => new Promise<never>(() => {}), wake: async () => {} };
  const { app } = scriptedGateway(clock, hello, { models: [{ model: MODEL, endpoint: hanging }] });
  const asked = app.request("/health");
  await clock.pass(2_000);
  expect(await (await asked).json()).toMatchObject({ endpoints: [{ state: "unknown" }] });
});

test("models are listed in the form of the API that asks, names with slashes included", async () => {
  const { app } = gateway();
  const anthropic = { headers: { "anthropic-version": "2023-06-01" } };
  expect(await (await app.request("/v1/models?limit=1000", anthropic)).json()).toMatchObject({
    data: [{ type: "model", id: "m", max_input_tokens: 1_000 }],
    has_more: false,
    first_id: "m",
    last_id: "m",
  });
  expect(await (await app.request("/v1/models")).json()).toMatchObject({
    object: "list",
    data: [{ id: "m", object: "model", max_model_len: 1_000 }],
  });
  expect((await app.request("/v1/models/other/name", anthropic)).status).toBe(404);
  const ready = { state: async () => ({ state: "warming", stage: "image", elapsedMs: 0, usualMs: null }) as const, wake: async () => {} };
  const slashed = gateway(hello, { models: [{ model: { ...MODEL, name: "team/model" }, endpoint: ready }] });
  expect(await (await slashed.app.request("/v1/models/team%2Fmodel")).json()).toMatchObject({ id: "team/model" });
});

test("a gateway without a model is a mistake of who starts it", () => {
  const { app } = gateway();
  expect(app).toBeDefined();
  expect(() => createGatewayApp({ models: [] } as unknown as GatewayDeps)).toThrow("at least one model");
});
