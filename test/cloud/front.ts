import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import { pipeline } from "node:stream/promises";

/** One call as it passed, before it was answered. */
export interface PassingCall {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Its first bytes; calls of JSON protocols name their resource there. */
  readonly bodyHead: string;
}

/** A door of its own to the cloud for one caller: says what was called, and how it was answered. */
export interface Front {
  readonly endpoint: string;
  close(): Promise<void>;
}

const HEAD_BYTES = 64 * 1024;

/**
 * Plain HTTP on the loopback in front of an HTTPS server. Hosts and signatures pass unchanged. `onCall` hears of every call when its
 * request has passed and the status is known.
 */
export async function openFront(
  upstream: { readonly port: number; readonly ca: string },
  onCall: (call: PassingCall, status: number) => void,
): Promise<Front> {
  const agent = new Agent({ keepAlive: true, ca: upstream.ca });
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = incoming;
    const head: Buffer[] = [];
    let held = 0;
    incoming.on("data", (chunk: Buffer) => {
      if (held >= HEAD_BYTES) return;
      head.push(chunk);
      held += chunk.length;
    });
    const forward = request({ host: "127.0.0.1", port: upstream.port, agent, method, path, headers, setHost: false });
    const answered = once(forward, "response") as Promise<[IncomingMessage]>;
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) forward.destroy();
    });
    const [[answer]] = await Promise.all([answered, pipeline(incoming, forward)]);
    onCall({ method, path, headers, bodyHead: Buffer.concat(head).toString("utf8") }, answer.statusCode ?? 0);
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
