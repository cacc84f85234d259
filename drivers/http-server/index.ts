import { once } from "node:events";
import { createServer, type Server, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { liveBodyOf } from "../../core/gateway/app/live-body.ts";
import { takeTurns } from "./turns.ts";
import { writeLive } from "./write-live.ts";

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long close() waits for answers under way before it cuts them. */
  readonly graceMs?: number;
}

export interface HttpServer {
  readonly url: string;
  /** Takes no new connection, lets answers end, closes the rest. */
  close(): Promise<void>;
}

type Fetch = (request: Request) => Response | Promise<Response>;

/** Serves a fetch handler over HTTP/1.1. Rejects with node's own error when the port cannot be had: EADDRINUSE, EACCES. */
export async function serveHttp(fetch: Fetch, { host, port, graceMs = 2_000 }: HttpServerOptions): Promise<HttpServer> {
  const listener = getRequestListener(async (request, { outgoing }) => {
    const response = await fetch(request);
    const live = liveBodyOf(response);
    // HTTP/2 is never spoken here.
    if (live === null || !(outgoing instanceof ServerResponse)) return response;
    writeLive(outgoing, response, live);
    return RESPONSE_ALREADY_SENT;
  });
  const server = createServer(
    // Of these, none counts while an answer is written: the first two are for requests that come in drop by drop.
    { headersTimeout: 60_000, requestTimeout: 300_000, keepAliveTimeout: 75_000, noDelay: true },
    (incoming, outgoing) => {
      // A connection that is kept for a next request would keep a closing server open.
      outgoing.on("close", () => setImmediate(() => !server.listening && server.closeIdleConnections()));
      void listener(incoming, outgoing);
    },
  );
  takeTurns(server);
  server.listen(port, host);
  await once(server, "listening");
  return { url: addressOf(server, host), close: () => close(server, graceMs) };
}

function addressOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}
