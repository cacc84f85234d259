import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLiveAnswer, type LiveBody } from "../../../core/gateway/app/live-body.ts";
import type { HttpServer } from "../../../drivers/http-server/index.ts";
import { serveHttp } from "../../../drivers/http-server/index.ts";

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

type Fetch = Parameters<typeof serveHttp>[0];

async function serve(fetch: Fetch, graceMs = 0): Promise<HttpServer> {
  const server = await serveHttp(fetch, { host: "127.0.0.1", port: 0, graceMs });
  servers.push(server);
  return server;
}

/** A live answer, and what happened to it. */
function live() {
  const made: { body: LiveBody | null; left: number } = { body: null, left: 0 };
  const fetch: Fetch = () => {
    const answer = createLiveAnswer({ status: 201, headers: { "content-type": "text/event-stream" } }, () => (made.left += 1));
    made.body = answer.body;
    return answer.response;
  };
  return { made, fetch };
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

async function rawRequest(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write("POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n\r\n");
  return socket;
}

test("plain answers and live ones arrive as they are, on one connection", async () => {
  const { made, fetch: answer } = live();
  const { url } = await serve((request) => (new URL(request.url).pathname === "/live" ? answer(request) : Response.json({ a: 1 })));
  expect(await (await fetch(url)).json()).toEqual({ a: 1 });
  const response = await fetch(`${url}/live`);
  expect([response.status, response.headers.get("content-type")]).toEqual([201, "text/event-stream"]);
  const read = response.text();
  made.body!.write("ä");
  made.body!.write(new Uint8Array([98]));
  made.body!.end();
  expect(await read).toBe("äb");
  expect(made.left).toBe(0);
});

test("what is written arrives at once, not when there is more of it", async () => {
  const { made, fetch: answer } = live();
  const { url } = await serve(answer);
  const reader = (await fetch(url)).body!.getReader();
  for (const word of ["one", "two", "three"]) {
    made.body!.write(word);
    expect((await reader.read()).value).toEqual(new TextEncoder().encode(word));
  }
  made.body!.end();
  expect((await reader.read()).done).toBe(true);
});

test("a cut answer is no whole answer to its client", async () => {
  const { made, fetch: answer } = live();
  const { url } = await serve(answer);
  const response = await fetch(url);
  const read = response.text();
  made.body!.write("half");
  setTimeout(() => made.body!.cut(), 20);
  await expect(read).rejects.toThrow(TypeError);
});

test("a client that goes is noticed, also when nothing is written", async () => {
  const { made, fetch: answer } = live();
  const { url } = await serve(answer);
  const socket = await rawRequest(url);
  await once(socket, "data");
  expect(made.left).toBe(0);
  socket.destroy();
  await until(() => made.left === 1);
});

test("a client that goes before it is answered aborts its request", async () => {
  const asked = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const { url } = await serve(
    (request) =>
      new Promise((resolve) => {
        asked.resolve();
        request.signal.addEventListener("abort", () => {
          aborted.resolve();
          resolve(new Response(null));
        });
      }),
  );
  const socket = await rawRequest(url);
  await asked.promise;
  socket.destroy();
  await expect(aborted.promise).resolves.toBeUndefined();
});

test("a client that stops reading fills the body; when it reads again, the body has drained", async () => {
  const { made, fetch: answer } = live();
  const { url } = await serve(answer);
  const socket = await rawRequest(url);
  await once(socket, "data");
  socket.pause();
  const piece = "x".repeat(65_536);
  let written = 0;
  while (written < 64_000_000 && !made.body!.isFull) {
    made.body!.write(piece);
    written += piece.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(made.body!.isFull).toBe(true);
  const drained = made.body!.drained();
  socket.on("data", () => {}).resume();
  await drained;
  expect(made.body!.isFull).toBe(false);
});

test("a port that is taken is node's own error", async () => {
  const { url } = await serve(() => new Response("x"));
  await expect(serveHttp(() => new Response("x"), { host: "127.0.0.1", port: Number(new URL(url).port) })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});

test("closing lets an answer under way end, refuses new connections and closes idle ones", async () => {
  const { made, fetch: answer } = live();
  const server = await serve((request) => (new URL(request.url).pathname === "/live" ? answer(request) : new Response("x")), 60_000);
  await (await fetch(server.url)).text();
  const response = await fetch(`${server.url}/live`);
  const read = response.text();
  const closed = server.close();
  await expect(fetch(server.url)).rejects.toThrow(TypeError);
  made.body!.write("late");
  made.body!.end();
  expect(await read).toBe("late");
  await closed;
  servers.length = 0;
});

test("closing cuts what goes on for longer than the grace", async () => {
  const { made, fetch: answer } = live();
  const server = await serve(answer, 20);
  const response = await fetch(server.url);
  const read = response.text();
  made.body!.write("endless");
  await server.close();
  await expect(read).rejects.toThrow(TypeError);
  await until(() => made.left === 1);
  servers.length = 0;
});
