import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { BaseSnapshot, SandboxProvider } from "../../core/agent/sandbox.ts";
import { createCallTable, type CallState } from "./call-table.ts";
import { decodeMessage, MAX_MESSAGE_BYTES } from "./message.ts";
import { createOperations } from "./operations.ts";
import { CALLS_PATH, DONE_HEADER, HEALTH_PATH, INSTANCE_HEADER, isCallId, MAX_WAIT_MS, PROTOCOL_VERSION } from "./protocol.ts";
import { readBody } from "./read-body.ts";

export interface ToolServerOptions {
  readonly provider: SandboxProvider;
  /** Of the one workspace that this server ever has. */
  readonly base: BaseSnapshot;
  /** Who knows it may ask; nobody else may, whatever stands in front of the server. */
  readonly secret: string;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface ToolServer {
  readonly port: number;
  /** Ends what runs, the workspace included. */
  close(): Promise<void>;
}

const TABLE = { maxRunning: 32, maxKept: 64, maxKeptBytes: 300_000_000, maxCalls: 200_000 };
const ABORT_WAIT_MS = 15_000;
/** A few large bodies at once, and no more, have room beside the workspace. */
const MAX_ARRIVING_BYTES = 2 * MAX_MESSAGE_BYTES;

/** Serves one workspace, by the rules of protocol.ts, to the one who knows the secret. */
export async function startToolServer({ provider, base, secret, host, port }: ToolServerOptions): Promise<ToolServer> {
  const instance = randomUUID();
  const operations = createOperations(provider, base);
  const calls = createCallTable(TABLE);
  const wanted = digest(`Bearer ${secret}`);
  const room = { bytes: MAX_ARRIVING_BYTES };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://server");
    if (url.pathname === HEALTH_PATH && request.method === "GET") {
      return reply(response, 200, JSON.stringify({ protocol: PROTOCOL_VERSION, isReady: true, reason: null }));
    }
    if (!timingSafeEqual(digest(request.headers.authorization ?? ""), wanted)) return reply(response, 401, "The secret is wrong.");
    const id = url.pathname.slice(CALLS_PATH.length);
    if (!url.pathname.startsWith(CALLS_PATH) || !isCallId(id)) return reply(response, 404, "There is nothing here.");
    calls.forget(String(request.headers[DONE_HEADER] ?? "").split(","));
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(0, Number(url.searchParams.get("wait")) || 0));
    switch (request.method) {
      case "PUT": {
        const problem = start(id, await readBody(request, room, MAX_MESSAGE_BYTES));
        return problem === null ? tell(response, await calls.look(id, waitMs)) : reply(response, problem.status, problem.text);
      }
      case "GET":
        return tell(response, await calls.look(id, waitMs));
      case "DELETE":
        await calls.abort(id, ABORT_WAIT_MS);
        return reply(response, 200, "");
      default:
        return reply(response, 405, "There is nothing of that kind here.");
    }
  }

  function start(id: string, body: Buffer | "too large" | "no room"): { readonly status: number; readonly text: string } | null {
    if (body === "too large") return { status: 413, text: "The request is too large." };
    if (body === "no room") return { status: 503, text: "Too much is arriving at once." };
    try {
      const work = operations.read(decodeMessage(body));
      const outcome = calls.start(id, body, work);
      if (outcome === "full") return { status: 429, text: "Too much is asked for." };
      return outcome === "other" ? { status: 409, text: "The id belongs to another call." } : null;
    } catch (error) {
      if (error instanceof SyntaxError) return { status: 400, text: error.message };
      throw error;
    }
  }

  function tell(response: ServerResponse, state: CallState): void {
    switch (state.is) {
      case "finished":
        return reply(response, 200, state.result);
      case "running":
        return reply(response, 202, "");
      case "forgotten":
        return reply(response, 410, "The result is not kept any more.");
      case "other":
        return reply(response, 409, "The id belongs to another call.");
      default:
        return reply(response, 404, "There is no such call.");
    }
  }

  function reply(response: ServerResponse, status: number, body: string | Buffer): void {
    response.writeHead(status, { [INSTANCE_HEADER]: instance, "content-length": Buffer.byteLength(body), "cache-control": "no-store" });
    response.end(body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A request that was cut off has nobody to be told.
      if (response.headersSent || response.destroyed) response.destroy();
      else reply(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  server.headersTimeout = 20_000;
  server.requestTimeout = 600_000;
  server.keepAliveTimeout = 60_000;
  const bound = await listen(server, host, port);
  return {
    port: bound,
    async close() {
      calls.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await operations.close();
    },
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
