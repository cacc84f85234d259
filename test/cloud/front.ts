import { once } from "node:events";
import http, { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import { pipeline } from "node:stream/promises";
import type { Connection } from "./caller.ts";

/** One call as it comes in. */
export interface PassingCall {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Its first bytes; calls of JSON protocols name their resource there. */
  readonly bodyHead: string;
  /** By which the caller's process can be found. */
  readonly connection: Connection;
}

export interface FrontOptions {
  /** Before anything is passed on. False: the line is cut, and nobody hears of the call. */
  readonly mayPass?: (call: PassingCall) => Promise<boolean>;
  /** When the cloud has answered, before the caller hears of it. */
  readonly onAnswer?: (call: PassingCall, status: number) => Promise<void>;
}

/** A door of its own to the cloud for one caller. */
export interface Front {
  readonly endpoint: string;
  close(): Promise<void>;
}

const HEAD_BYTES = 64 * 1024;

/** Plain HTTP on the loopback in front of a server there, which speaks HTTPS where it has a certificate. Hosts and signatures pass unchanged. */
export async function openFront(upstream: { readonly port: number; readonly ca?: string }, options: FrontOptions = {}): Promise<Front> {
  const agent = upstream.ca === undefined ? new http.Agent({ keepAlive: true }) : new https.Agent({ keepAlive: true, ca: upstream.ca });
  const { request } = upstream.ca === undefined ? http : https;
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = incoming;
    // Everything has been sent here already, so nobody has to be asked whether to go on.
    const { expect: _asked, ...headers } = incoming.headers;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const bodyHead = body.subarray(0, HEAD_BYTES).toString("utf8");
    const connection = { fromPort: incoming.socket.remotePort ?? 0, toPort: incoming.socket.localPort ?? 0 };
    const call = { method, path, headers, bodyHead, connection };
    if ((await options.mayPass?.(call)) === false) return void incoming.socket.destroy();
    const forward = request({ host: "127.0.0.1", port: upstream.port, agent, method, path, headers, setHost: false });
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) forward.destroy();
    });
    forward.end(body);
    const [answer] = (await once(forward, "response")) as [IncomingMessage];
    await options.onAnswer?.(call, answer.statusCode ?? 0);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, outgoing);
  }

  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The front has no port.");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
