import { Agent } from "undici";
import type { Upstream, UpstreamRequest, UpstreamResponse } from "../../core/gateway/upstream/upstream.ts";
import { UpstreamError } from "../../core/gateway/upstream/upstream.ts";
import { createAnswer } from "./answer.ts";
import { upstreamErrorOf } from "./line-error.ts";

export interface UpstreamOptions {
  /** Until a connection stands, TLS included. */
  readonly connectMs?: number;
  /** An idle connection is given back after this time. Below the 5 s after which uvicorn, and so vLLM, closes one. */
  readonly keepAliveMs?: number;
}

/**
 * Model servers over HTTP/1.1, as many connections as there are requests. Nothing but the connecting has a time limit here: how long
 * a server may think or be silent is for the caller, who aborts.
 */
export function createUpstream(options: UpstreamOptions = {}): Upstream & { close(): Promise<void> } {
  const agent = new Agent({
    connect: { timeout: options.connectMs ?? 15_000 },
    keepAliveTimeout: options.keepAliveMs ?? 4_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    // An abort on HTTP/2 ends a stream, not the connection, and proxies may let the model go on.
    allowH2: false,
  });
  return { send: (request) => send(agent, request), close: () => agent.destroy() };
}

async function send(agent: Agent, request: UpstreamRequest): Promise<UpstreamResponse> {
  const { target, signal } = request;
  if (signal.aborted) throw new UpstreamError("aborted", "The request was given up.");
  const url = addressOf(target.rootUrl + request.path);
  const answer = createAnswer(signal);
  try {
    agent.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: headersOf(request),
        body: request.body ?? null,
      },
      answer.handler,
    );
  } catch (cause) {
    // What undici refuses before it sends anything: a key with a line break, for example.
    answer.fail(upstreamErrorOf(cause));
  }
  return answer.response;
}

function addressOf(address: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    throw new UpstreamError("unreachable", "The model server's address is no URL.", cause);
  }
}

function headersOf({ target, body, headers }: UpstreamRequest): Record<string, string> {
  return {
    accept: "application/json, text/event-stream",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(target.apiKey === null ? {} : { authorization: `Bearer ${target.apiKey}` }),
    ...headers,
  };
}
