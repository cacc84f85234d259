import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What the way to a machine may do to a request instead of carrying it. */
export type Cut =
  /** It never gets there. */
  | "request"
  /** Half of it gets there. */
  | "half request"
  /** It gets there; the answer does not come back. */
  | "answer"
  /** Half of the answer comes back. */
  | "half answer"
  /** It gets there twice; the second answer comes back. */
  | "twice";

export interface ProxyOptions {
  /** Null: nobody listens (yet). */
  readonly portOf: (asked: number) => number | null;
  /** Whether the token lets one through to the port. */
  readonly isLetIn: (token: string, port: number) => boolean;
  readonly cut: () => Cut | null;
}

/** The platform's way into one machine: checks the token, takes its own headers off, carries the rest. */
export function startProxy({ portOf, isLetIn, cut }: ProxyOptions): Promise<{ readonly url: string; readonly server: Server }> {
  async function carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = Number(request.headers["x-aws-proxy-port"] ?? 8080);
    const body = await readAll(request);
    if (!isLetIn(String(request.headers["x-aws-proxy-auth"]), asked)) return void response.writeHead(403).end("Forbidden");
    const port = portOf(asked);
    if (port === null) return void response.writeHead(502).end("Bad Gateway");
    const fault = cut();
    if (fault === "request") return void request.socket.destroy();
    const forward = (bytes: Buffer, end: boolean) => forwardTo(port, request, bytes, end);
    if (fault === "half request") {
      await forward(body, false).catch(() => {});
      return void request.socket.destroy();
    }
    if (fault === "twice") await forward(body, true);
    const { status, headers, body: answer } = await forward(body, true);
    if (fault === "answer") return void request.socket.destroy();
    response.writeHead(status, headers);
    if (fault !== "half answer" || answer.length < 2) return void response.end(answer);
    response.write(answer.subarray(0, answer.length >> 1), () => request.socket.destroy());
  }

  const server = createServer((request, response) => {
    carry(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end("Bad Gateway");
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve({ server, url: `http://127.0.0.1:${address.port}` });
    });
  });
}

interface Carried {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

function forwardTo(port: number, request: IncomingMessage, body: Buffer, isWhole: boolean): Promise<Carried> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      name.startsWith("x-aws-proxy-") || typeof value !== "string" || name === "connection" ? [] : [[name, value]],
    ),
  );
  return new Promise((resolve, reject) => {
    const sent = send({ host: "127.0.0.1", port, method: request.method, path: request.url, headers }, (answer) => {
      void readAll(answer).then((bytes) => {
        const kept = Object.entries(answer.headers).filter((entry): entry is [string, string] => typeof entry[1] === "string");
        resolve({
          status: answer.statusCode ?? 502,
          headers: Object.fromEntries(kept.filter(([name]) => name !== "connection" && name !== "keep-alive")),
          body: bytes,
        });
      }, reject);
    });
    sent.once("error", reject);
    if (isWhole) sent.end(body);
    else sent.write(body.subarray(0, body.length >> 1), () => sent.destroy(new Error("cut")));
  });
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
