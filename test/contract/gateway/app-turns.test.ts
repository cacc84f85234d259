import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLiveAnswer } from "../../../core/gateway/app/live-body.ts";
import { type HttpServer, serveHttp } from "../../../drivers/http-server/index.ts";

const CLIENTS = 60;
const MOST_A_TURN = 8;
const REQUEST = "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nbody";

let server: HttpServer;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

/** Counts the turns of the event loop. */
function turns() {
  const counter = { now: 0, stop: () => clearImmediate(next) };
  let next = setImmediate(function tick() {
    counter.now += 1;
    next = setImmediate(tick);
  });
  return counter;
}

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  sockets.push(socket);
  socket.setEncoding("latin1");
  await once(socket, "connect");
  return socket;
}

/** Resolves with what came until an answer's end. */
function answered(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  const take = (data: string): void => {
    text += data;
    if (!text.endsWith("done")) return;
    socket.off("data", take);
    resolve(text);
  };
  socket.on("data", take);
  return promise;
}

test("of many requests at one moment a few are taken in at a time, all are answered, and so are the next on their connections", async () => {
  const turn = turns();
  const taken: number[] = [];
  server = await serveHttp(
    async (request) => {
      taken.push(turn.now);
      return new Response(`${await request.text()} is done`);
    },
    { host: "127.0.0.1", port: 0, graceMs: 0 },
  );
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open));
  for (let round = 0; round < 3; round++) {
    const answers = clients.map(answered);
    for (const client of clients) client.write(REQUEST);
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nbody is done$/);
  }
  turn.stop();
  expect(taken).toHaveLength(3 * CLIENTS);
  const byTurn = Object.values(Object.groupBy(taken, String)).map((requests) => requests!.length);
  expect(Math.max(...byTurn)).toBeLessThanOrEqual(MOST_A_TURN);
});

test("answers under way go on between the requests, and clients that leave while they wait are missed by nobody", async () => {
  let taken = 0;
  const written: number[] = [];
  server = await serveHttp(
    (request) => {
      if (!request.url.endsWith("/live")) {
        taken += 1;
        return new Response("done");
      }
      const { response, body } = createLiveAnswer({ status: 200 }, () => clearImmediate(next));
      let next = setImmediate(function write() {
        written.push(taken);
        body.write("x");
        next = setImmediate(write);
      });
      return response;
    },
    { host: "127.0.0.1", port: 0, graceMs: 0 },
  );
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open));
  const reader = await open();
  reader.write("GET /live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
  await once(reader, "data");
  const leaving = clients.splice(0, 20);
  const answers = clients.map(answered);
  for (const client of [...clients, ...leaving]) client.write(REQUEST);
  for (const client of leaving) client.resetAndDestroy();
  await Promise.all(answers);
  expect(taken).toBeGreaterThanOrEqual(clients.length);
  const between = written.filter((before) => before > 0 && before < clients.length);
  expect(between.length).toBeGreaterThan(0);
  const late = await open();
  const answer = answered(late);
  late.write(REQUEST);
  expect(await answer).toContain("done");
});
