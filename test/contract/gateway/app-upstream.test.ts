import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Upstream, UpstreamRequest } from "../../../core/gateway/upstream/upstream.ts";
import { createUpstream } from "../../../drivers/upstream/index.ts";

let upstream: Upstream & { close(): Promise<void> };
const closing: (() => void)[] = [];

beforeEach(() => {
  upstream = createUpstream({ connectMs: 2_000 });
});
afterEach(async () => {
  await upstream.close();
  for (const close of closing.splice(0)) close();
});

async function serve(answer: (response: ServerResponse, body: string, headers: Record<string, unknown>) => void) {
  const seen = { connections: 0, closed: 0 };
  const server: Server = createServer((incoming, response) => {
    let body = "";
    incoming.on("data", (data: Buffer) => (body += data.toString()));
    incoming.on("end", () => answer(response, body, { ...incoming.headers, path: incoming.url }));
  });
  server.on("connection", (socket) => {
    seen.connections += 1;
    socket.on("close", () => (seen.closed += 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { rootUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const request = (rootUrl: string, more: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  target: { rootUrl, apiKey: null },
  method: "POST",
  path: "/v1/chat/completions",
  body: "{}",
  signal: new AbortController().signal,
  ...more,
});

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("a request arrives with its body, its key and its prefix, and its answer comes back as it is", async () => {
  let got: unknown;
  const { rootUrl } = await serve((response, body, headers) => {
    got = { body, path: headers.path, key: headers.authorization, type: headers["content-type"] };
    response.writeHead(418, { "x-a": "b" }).end("täpot");
  });
  const answer = await upstream.send(
    request(`${rootUrl}/prefix`, { target: { rootUrl: `${rootUrl}/prefix`, apiKey: "k" }, body: '{"ü":1}' }),
  );
  expect(got).toEqual({ body: '{"ü":1}', path: "/prefix/v1/chat/completions", key: "Bearer k", type: "application/json" });
  expect([answer.status, answer.headers.get("x-a"), await textOf(answer.body)]).toEqual([418, "b", "täpot"]);
});

test("a redirect is not followed", async () => {
  const { rootUrl, seen } = await serve((response) => response.writeHead(307, { location: "/elsewhere" }).end());
  expect((await upstream.send(request(rootUrl))).status).toBe(307);
  expect(seen.connections).toBe(1);
});

test("nobody there: refused", async () => {
  const { rootUrl } = await serve(() => {});
  closing.splice(0).forEach((close) => close());
  await expect(upstream.send(request(rootUrl))).rejects.toMatchObject({ name: "UpstreamError", failure: "refused" });
});

test("a name that nobody has: unreachable; an address that is none, too", async () => {
  await expect(upstream.send(request("http://no-such-host.invalid:1"))).rejects.toMatchObject({ failure: "unreachable" });
  await expect(upstream.send(request("nonsense"))).rejects.toMatchObject({ failure: "unreachable" });
});

test("a server that speaks no TLS where it should: tls", async () => {
  const { rootUrl } = await serve((response) => response.end());
  await expect(upstream.send(request(rootUrl.replace("http:", "https:")))).rejects.toMatchObject({ failure: "tls" });
});

test("a line that breaks before the status: reset; one that says nonsense, too", async () => {
  const cut = await serve((response) => response.destroy());
  await expect(upstream.send(request(cut.rootUrl))).rejects.toMatchObject({ failure: "reset" });
  const server = createTcpServer((socket) => socket.end("hello\r\n\r\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  await expect(upstream.send(request(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))).rejects.toMatchObject({
    failure: "reset",
  });
});

test("a line that breaks in the midst: what came before is read, then reset", async () => {
  let cut = (): unknown => expect.unreachable();
  const { rootUrl } = await serve((response) => {
    cut = () => response.destroy();
    response.write("half");
  });
  const answer = await upstream.send(request(rootUrl));
  const got: string[] = [];
  const read = (async () => {
    for await (const part of answer.body) {
      got.push(Buffer.from(part).toString());
      cut();
    }
  })();
  await expect(read).rejects.toMatchObject({ name: "UpstreamError", failure: "reset" });
  expect(got.join("")).toBe("half");
});

test("an abort closes the connection: before the status, and while the body is read", async () => {
  const hanging = await serve(() => {});
  const before = new AbortController();
  const sent = upstream.send(request(hanging.rootUrl, { signal: before.signal }));
  await until(() => hanging.seen.connections === 1);
  before.abort();
  await expect(sent).rejects.toMatchObject({ failure: "aborted" });
  await until(() => hanging.seen.closed === 1);

  const endless = await serve((response) => response.write("begin"));
  const midst = new AbortController();
  const answer = await upstream.send(request(endless.rootUrl, { signal: midst.signal }));
  const read = textOf(answer.body);
  midst.abort();
  await expect(read).rejects.toMatchObject({ failure: "aborted" });
  await until(() => endless.seen.closed === 1);
});

test("a request that was given up before it began is not sent", async () => {
  const { rootUrl, seen } = await serve((response) => response.end());
  await expect(upstream.send(request(rootUrl, { signal: AbortSignal.abort() }))).rejects.toMatchObject({ failure: "aborted" });
  expect(seen.connections).toBe(0);
});

test("a reader that leaves at the last event gives the connection back; one that leaves an endless answer closes it", async () => {
  const ending = await serve((response) => {
    response.write("data: [DONE]\n\n");
    setTimeout(() => response.end(), 10);
  });
  const connectionsOfAnother = async (): Promise<number> => {
    const before = ending.seen.connections;
    const answer = await upstream.send(request(ending.rootUrl));
    for await (const part of answer.body) if (Buffer.from(part).includes("[DONE]")) break;
    return ending.seen.connections - before;
  };
  expect(await connectionsOfAnother()).toBe(1);
  // The end of an answer is on its way for a moment, and only then its connection is free.
  await expect.poll(connectionsOfAnother).toBe(0);
  expect(ending.seen.closed).toBe(0);

  const endless = await serve((response) => response.write("begin"));
  for await (const _ of (await upstream.send(request(endless.rootUrl))).body) break;
  await until(() => endless.seen.closed === 1);
});

test("a body that nobody reads holds the server back", async () => {
  const piece = Buffer.alloc(65_536, 120);
  let written = 0;
  const { rootUrl } = await serve((response) => {
    const go = (): void => {
      while (written < 400 * piece.length && response.write(piece)) written += piece.length;
      if (written < 400 * piece.length)
        response.once("drain", () => {
          written += piece.length;
          go();
        });
      else response.end();
    };
    go();
  });
  const answer = await upstream.send(request(rootUrl));
  const rests = async (): Promise<number> => {
    for (let last = -1; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
      if (written === last) return written;
      last = written;
    }
  };
  // The system's own buffers between the two take a few megabytes.
  expect(await rests()).toBeLessThan(12_000_000);
  expect((await textOf(answer.body)).length).toBeGreaterThanOrEqual(400 * piece.length);
});
