import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import type { Endpoint } from "../../../core/gateway/endpoint.ts";
import { readEvents } from "../../upstream/gateway.ts";
import { stage } from "../../upstream/stage.ts";

const ASK = { model: "student-32b", max_tokens: 1_000, messages: [{ role: "user", content: "Look around." }] };

async function rawPost(url: string, path: string, body: object): Promise<Socket> {
  const text = JSON.stringify(body);
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  return socket;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a figure comes to when it rises no more. */
async function atRest(figure: () => number): Promise<number> {
  for (let last = -1; ; await pause(300)) {
    const now = figure();
    if (now === last) return now;
    last = now;
  }
}

test.each(["/v1/messages", "/v1/chat/completions"])(
  "%s: a client that stops reading stops the model's server, and memory with it",
  async (path) => {
    const { upstream, gateway } = await stage([{ content: "word ".repeat(50), breaks: { at: "text", how: "endless" } }]);
    const socket = await rawPost(gateway.url, path, { ...ASK, stream: true });
    await once(socket, "data");
    socket.pause();
    const before = process.memoryUsage();
    const sent = await atRest(() => upstream.chats[0]!.chunksSent);
    const after = process.memoryUsage();
    // The gateway and the test's own server share this process; what the system's sockets hold is not in it.
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(50_000_000);
    expect(upstream.chats[0]!.outcome).toBe("open");

    // It goes on where it stopped.
    let got = 0;
    socket.on("data", (data) => (got += data.length)).resume();
    while (upstream.chats[0]!.chunksSent < sent + 1_000) await pause(5);
    await expect.poll(() => got).toBeGreaterThan(0);
    socket.destroy();
    await upstream.idle();
    expect(upstream.chats[0]!.outcome).toBe("left");
  },
);

test("a client that leaves while the server warms up is held no more, and the model is never asked", async () => {
  let looks = 0;
  const endpoint: Endpoint = {
    wake: async () => {},
    state: async () => {
      looks += 1;
      return { state: "warming", stage: "weights", elapsedMs: 0, usualMs: null };
    },
  };
  const { upstream, gateway } = await stage([{ content: "hello" }], {}, { endpoint, limits: { pingMs: 20 } });
  const leaving = new AbortController();
  const response = await gateway.post("/v1/messages", { ...ASK, stream: true }, {}, leaving.signal);
  let told = 0;
  await readEvents(response, ({ type }) => {
    if (type === "content_block_delta" && ++told === 3) leaving.abort();
  });
  while (gateway.records.length === 0) await pause(5);
  const looked = looks;
  await pause(100);
  expect(looks).toBe(looked);
  expect(upstream.chats).toEqual([]);
  expect(gateway.records).toMatchObject([{ status: 499, error: "client_gone" }]);
});

test("requests that come while a server warms up share its wake-up, and all are answered", async () => {
  let target: string | null = null;
  let wakes = 0;
  const endpoint: Endpoint = {
    wake: async () => {
      wakes += 1;
    },
    state: async () =>
      target === null
        ? { state: "warming", stage: "capacity", elapsedMs: 0, usualMs: null }
        : { state: "ready", target: { rootUrl: target, apiKey: null } },
  };
  const { upstream, gateway } = await stage([{ content: "hello" }], {}, { endpoint, limits: { pingMs: 20 } });
  const held = await Promise.all([1, 2, 3].map(() => gateway.post("/v1/messages", { ...ASK, stream: true })));
  target = upstream.url;
  for (const response of held) {
    const { events, wasCut } = await readEvents(response);
    expect(wasCut).toBe(false);
    expect(events.at(-1)?.type).toBe("message_stop");
    expect(events.filter(({ type }) => type === "content_block_start")).toMatchObject([
      { index: 0, content_block: { type: "thinking" } },
      { index: 1, content_block: { type: "text" } },
    ]);
  }
  expect(wakes).toBe(3);
  expect(upstream.chats).toHaveLength(3);
});
