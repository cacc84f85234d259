import { describe, expect, test } from "vitest";
import type { Endpoint, EndpointState } from "../../../../core/gateway/endpoint.ts";
import { decodeSignature } from "../../../../core/gateway/state/signature.ts";
import { ASK, END, MODEL, TARGET, chunk, events, json, reading, scriptedGateway, typesIn } from "./scripted-gateway.ts";
import { settle, steppedClock } from "./stepped-clock.ts";

const READY: EndpointState = { state: "ready", target: TARGET };
const STREAM = { ...ASK, stream: true };

/** A server that takes so long in each stage, from its first wake-up on. */
function coldEndpoint(clock: { now(): number }, stages: Readonly<Record<"capacity" | "weights", number>>, after: EndpointState = READY) {
  const log = { wakes: 0, looks: 0 };
  let wokenMs: number | null = null;
  const endpoint: Endpoint = {
    wake: async () => {
      log.wakes += 1;
      wokenMs ??= clock.now();
    },
    state: async () => {
      log.looks += 1;
      const elapsed = wokenMs === null ? 0 : clock.now() - wokenMs;
      if (elapsed < stages.capacity) return { state: "warming", stage: "capacity", elapsedMs: elapsed, usualMs: 100_000 };
      if (elapsed < stages.capacity + stages.weights)
        return { state: "warming", stage: "weights", elapsedMs: elapsed - stages.capacity, usualMs: null };
      return after;
    },
  };
  return { endpoint, log };
}

function coldGateway(
  stages = { capacity: 20_000, weights: 880_000 },
  more: Parameters<typeof scriptedGateway>[2] = {},
  after?: EndpointState,
) {
  const clock = steppedClock();
  const { endpoint, log } = coldEndpoint(clock, stages, after);
  const answer = () => events([chunk({ content: "hello" }), END]);
  const gateway = scriptedGateway(clock, answer, { models: [{ model: MODEL, endpoint }], ...more });
  return { ...gateway, clock, log };
}

describe("a streaming client is held", () => {
  test("by one thinking block that grows every 15 s and says what is waited for, until the answer follows it", async () => {
    const { post, clock, log, records } = coldGateway({ capacity: 40_000, weights: 600_000 });
    const response = await post("/v1/messages", STREAM);
    expect(response.status).toBe(200);
    const { got, over } = reading(response);
    await settle();
    // The first word at once.
    expect(typesIn(got.text)).toEqual(["message_start", "content_block_start", "content_block_delta"]);
    expect(got.text).toMatch(/machine is being found \(step 1 of 4\), 0 s so far, usually about 100 s/);
    for (let quarter = 1; quarter <= 40; quarter++) {
      const before = got.text.length;
      await clock.pass(15_000);
      expect(got.text.slice(before)).toContain("thinking_delta");
    }
    expect(got.text).toContain("loaded into memory (step 3 of 4)");
    await clock.pass(45_000);
    await over;
    const kinds = typesIn(got.text).filter((type) => type !== "content_block_delta" && type !== "ping");
    expect(kinds).toEqual([
      "message_start",
      "content_block_start",
      "content_block_stop",
      "content_block_start",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    const signature = /"signature":"([^"]+)"/.exec(got.text)?.[1];
    expect(decodeSignature(signature!)).toEqual({ kind: "progress" });
    expect(got.text).toMatch(/ready after 640 s/);
    expect(got.text).toContain('"text":"hello"');
    expect(log.wakes).toBe(1);
    expect(records).toMatchObject([{ status: 200, error: null, inputTokens: 11, outputTokens: 3 }]);
  });

  test("and ended with overloaded_error before a proxy cuts the stream", async () => {
    const { post, clock, records, asked } = coldGateway({ capacity: 10, weights: 2_000_000 });
    const { got, over } = reading(await post("/v1/messages", STREAM));
    await clock.pass(839_000);
    expect(got.isOver).toBe(false);
    await clock.pass(2_000);
    await over;
    expect(got.text).toMatch(/event: error\ndata: .*overloaded_error/);
    expect(typesIn(got.text)).not.toContain("message_stop");
    expect(asked).toEqual([]);
    expect(records).toMatchObject([{ status: 200, error: "overloaded_error" }]);
  });

  test("and told in the stream when the server cannot be started", async () => {
    const { post, clock } = coldGateway(
      { capacity: 5_000, weights: 5_000 },
      {},
      { state: "failed", message: "no capacity", retryAfterSeconds: 300 },
    );
    const { got, over } = reading(await post("/v1/messages", STREAM));
    await clock.pass(11_000);
    await over;
    expect(got.text).toMatch(/event: error\ndata: .*overloaded_error.*no capacity/);
  });

  test("through looks at the endpoint that fail", async () => {
    const clock = steppedClock();
    let looks = 0;
    const endpoint: Endpoint = {
      wake: async () => {},
      state: async () => {
        looks += 1;
        if (looks > 1 && looks < 5) throw new Error("no answer");
        return looks < 5 ? { state: "warming", stage: "image", elapsedMs: 0, usualMs: null } : READY;
      },
    };
    const { post, defects } = scriptedGateway(clock, () => events([chunk({ content: "hello" }), END]), {
      models: [{ model: MODEL, endpoint }],
    });
    const { got, over } = reading(await post("/v1/messages", STREAM));
    await clock.pass(5_000);
    await over;
    expect(got.text).toContain('"text":"hello"');
    expect(defects).toEqual([]);
  });

  test("and let go when it leaves: nothing is asked of the model", async () => {
    const gone = new AbortController();
    const { post, clock, asked, log, records } = coldGateway({ capacity: 5_000, weights: 5_000 });
    const response = await post("/v1/messages", STREAM, {}, gone.signal);
    await clock.pass(2_000);
    gone.abort();
    await response.body?.cancel().catch(() => {});
    await settle();
    const looked = log.looks;
    await clock.pass(60_000);
    expect(log.looks).toBe(looked);
    expect(asked).toEqual([]);
    expect(records).toMatchObject([{ status: 499, error: "client_gone" }]);
  });

  test("but not when its prompt is too long already", async () => {
    const { post, log } = coldGateway(undefined, { countTokens: async () => 1_234 });
    const response = await post("/v1/messages", STREAM);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("prompt is too long: 1234 tokens > 1000 maximum");
    expect(log.wakes).toBe(0);
  });

  test("nor when the gateway can answer by itself", async () => {
    const { post, log } = coldGateway();
    const response = await post("/v1/messages", { ...STREAM, messages: [{ role: "user", content: "Warmup" }] });
    expect(typesIn(await response.text())).toContain("message_stop");
    expect(log.wakes).toBe(0);
  });
});

describe("a client that cannot be held", () => {
  test.each([
    ["/v1/messages", ASK, 529, "overloaded_error"],
    ["/v1/messages/count_tokens", ASK, 529, "overloaded_error"],
    ["/v1/chat/completions", ASK, 503, "overloaded_error"],
  ] as const)("%s wakes the server and is told when to come back", async (path, body, status, type) => {
    const { post, log } = coldGateway();
    const response = await post(path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe("60");
    expect(await response.text()).toContain(type);
    expect(log.wakes).toBe(1);
  });

  test("counts tokens all the same where a tokenizer is at hand", async () => {
    const { post } = coldGateway(undefined, { countTokens: async () => 42 });
    expect(await (await post("/v1/messages/count_tokens", ASK)).json()).toEqual({ input_tokens: 42 });
  });
});

test("a server that could not be started is a 529 with its own time to come back", async () => {
  const endpoint: Endpoint = { wake: async () => {}, state: async () => ({ state: "failed", message: "quota", retryAfterSeconds: 77 }) };
  const { post } = scriptedGateway(steppedClock(), () => json(200, {}), { models: [{ model: MODEL, endpoint }] });
  const response = await post("/v1/messages", STREAM);
  expect([response.status, response.headers.get("retry-after")]).toEqual([529, "77"]);
});

test("an endpoint that cannot be looked at, or not be woken, is a 529 and a word to the operator", async () => {
  const broken: readonly Endpoint[] = [
    { wake: async () => {}, state: () => Promise.reject(new Error("table is gone")) },
    {
      wake: () => Promise.reject(new Error("not allowed")),
      state: async () => ({ state: "warming", stage: "image", elapsedMs: 0, usualMs: null }),
    },
  ];
  for (const endpoint of broken) {
    const { post, defects } = scriptedGateway(steppedClock(), () => json(200, {}), { models: [{ model: MODEL, endpoint }] });
    const response = await post("/v1/messages", STREAM);
    expect(response.status).toBe(529);
    expect(await response.text()).not.toMatch(/table is gone|not allowed/);
    expect(defects).toHaveLength(1);
  }
});
