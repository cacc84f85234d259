import http from "node:http";
import https from "node:https";
import type { Upstream, UpstreamRequest, UpstreamResponse } from "../../core/gateway/upstream/upstream.ts";
import { UpstreamError } from "../../core/gateway/upstream/upstream.ts";
import { createAnswer } from "./answer.ts";
import { watchConnecting } from "./connecting.ts";
import { upstreamErrorOf } from "./line-error.ts";

export interface UpstreamOptions {
  /** Until a connection stands, TLS included. */
  readonly connectMs?: number;
  /** An idle connection is given back after this time. Below the 5 s after which uvicorn, and so vLLM, closes one. */
  readonly keepAliveMs?: number;
}

/**
 * Model servers over HTTP/1.1, as many connections as there are requests. Nothing but the connecting has a time limit here: how long
 * a server may think or be silent is for the caller, who aborts. On Node's own client: undici takes 29 MB of memory before its first
 * request, a quarter of what the gateway may take, and HTTP/2 would end a stream on an abort, not the connection.
 */
export function createUpstream(options: UpstreamOptions = {}): Upstream & { close(): Promise<void> } {
  const { connectMs = 15_000, keepAliveMs = 4_000 } = options;
  const settings = { keepAlive: true, timeout: keepAliveMs, maxFreeSockets: 4096 };
  const agents: Agents = { plain: new http.Agent(settings), secure: new https.Agent(settings) };
  return {
    send: (request) => send(agents, connectMs, request),
    close: async () => {
      agents.plain.destroy();
      agents.secure.destroy();
    },
  };
}

interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

async function send(agents: Agents, connectMs: number, request: UpstreamRequest): Promise<UpstreamResponse> {
  const { target, signal } = request;
  if (signal.aborted) throw new UpstreamError("aborted", "The request was given up.");
  const url = addressOf(target.rootUrl + request.path);
  const isSecure = url.protocol === "https:";
  // A time limit of 0: the agent's is for connections that nobody uses.
  const agent = isSecure ? agents.secure : agents.plain;
  const options = { method: request.method, headers: headersOf(request), agent, timeout: 0 };
  let outgoing: http.ClientRequest;
  try {
    outgoing = (isSecure ? https : http).request(url, options);
  } catch (cause) {
    // What is refused before anything is sent: a key with a line break, for example.
    throw upstreamErrorOf(cause);
  }
  watchConnecting(outgoing, isSecure, connectMs);
  const response = createAnswer(outgoing, signal);
  outgoing.end(request.body);
  return response;
}

function addressOf(address: string): URL {
  try {
    const url = new URL(address);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch (cause) {
    throw new UpstreamError("unreachable", "The model server's address is no URL.", cause);
  }
  throw new UpstreamError("unreachable", "The model server's address is neither http nor https.");
}

function headersOf({ target, body, headers }: UpstreamRequest): Record<string, string> {
  return {
    accept: "application/json, text/event-stream",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(target.apiKey === null ? {} : { authorization: `Bearer ${target.apiKey}` }),
    ...headers,
  };
}
