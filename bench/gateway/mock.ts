import { createServer, type AddressInfo, type Socket } from "node:net";
import { nowMicros, stampedToken } from "./stamp.ts";

/**
 * A model server without a model, as cheap as Node allows: answers each POST with a stream of chat completion chunks in vLLM's form, one
 * write a token, on bare sockets. `/control?tokens=N&rate=R` sets what comes: N tokens an answer, R a second (0: at once); it answers
 * with the streams under way. Runs as a process of its own and prints its address.
 */
const TICK_MS = 1;

interface Stream {
  readonly socket: Socket;
  readonly startMs: number;
  sent: number;
}

let tokens = 100;
let rate = 0;
const streams = new Set<Stream>();

const frame = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const HEAD = { id: "chatcmpl-5d1f0c4b7a9e4e0c8f3b2a1d6c7e8f90", object: "chat.completion.chunk", created: 1_800_000_000, model: "student" };
const event = (body: object): string => frame(`data: ${JSON.stringify({ ...HEAD, ...body })}\n\n`);
const choice = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish, token_ids: null }],
});

const FIRST =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n" +
  event({ ...choice({ role: "assistant", content: "" }), prompt_token_ids: null });
const MARK = stampedToken(0);
const [BEFORE, AFTER] = event(choice({ content: MARK })).split(MARK) as [string, string];
const token = (): string => BEFORE + stampedToken(nowMicros()) + AFTER;
const last = (count: number): string =>
  event(choice({ content: "" }, "stop")) +
  event({ choices: [], usage: { prompt_tokens: 12_345, total_tokens: 12_345 + count, completion_tokens: count } }) +
  frame("data: [DONE]\n\n") +
  "0\r\n\r\n";

function answer(socket: Socket): void {
  socket.write(FIRST, "latin1");
  if (rate === 0) {
    for (let sent = 0; sent < tokens; sent++) socket.write(token(), "latin1");
    socket.write(last(tokens), "latin1");
    return;
  }
  socket.write(token(), "latin1");
  const stream = { socket, startMs: performance.now(), sent: 1 };
  streams.add(stream);
  socket.once("close", () => streams.delete(stream));
}

setInterval(() => {
  const now = performance.now();
  for (const stream of streams) {
    const due = Math.min(tokens, 1 + Math.floor(((now - stream.startMs) * rate) / 1000));
    for (; stream.sent < due; stream.sent++) stream.socket.write(token(), "latin1");
    if (stream.sent < tokens) continue;
    stream.socket.write(last(tokens), "latin1");
    streams.delete(stream);
  }
}, TICK_MS);

function json(socket: Socket, body: object): void {
  const text = JSON.stringify(body);
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
}

function respond(socket: Socket, line: string): void {
  const [method, target] = line.split(" ");
  if (method === "POST") return answer(socket);
  const url = new URL(target ?? "/", "http://mock");
  if (url.pathname === "/control") {
    tokens = Number(url.searchParams.get("tokens") ?? tokens);
    rate = Number(url.searchParams.get("rate") ?? rate);
    return json(socket, { streams: streams.size });
  }
  json(socket, { object: "list", data: [{ id: "student", object: "model", owned_by: "bench", max_model_len: 131_072 }] });
}

const server = createServer({ noDelay: true }, (socket) => {
  let head = Buffer.alloc(0);
  let line: string | null = null;
  let left = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    let at = 0;
    if (line === null) {
      const known = head.length;
      head = known === 0 ? data : Buffer.concat([head, data]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      const text = head.toString("latin1", 0, end);
      line = text.slice(0, text.indexOf("\r\n"));
      left = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
      if (/^transfer-encoding:/im.test(text)) throw new Error("The mock wants requests with a content-length.");
      at = end + 4 - known;
      head = Buffer.alloc(0);
    }
    left -= data.length - at;
    if (left > 0) return;
    const done = line;
    line = null;
    respond(socket, done);
  });
});
server.listen({ port: Number(process.argv[2] ?? 0), host: "127.0.0.1", backlog: 2_048 }, () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
