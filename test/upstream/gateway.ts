import Anthropic from "@anthropic-ai/sdk";
import { createParser } from "eventsource-parser";
import OpenAI from "openai";
import type { Clock } from "../../core/errors/clock.ts";
import { systemClock } from "../../core/errors/clock.ts";
import { createGatewayApp } from "../../core/gateway/app/app.ts";
import type { Endpoint } from "../../core/gateway/endpoint.ts";
import type { GatewayLimits, RequestRecord } from "../../core/gateway/deps.ts";
import { createKeyRing } from "../../core/gateway/key-ring.ts";
import type { KeyRecord } from "../../core/gateway/keys.ts";
import { createLimiter } from "../../core/gateway/limiter.ts";
import { readyEndpoint } from "../../core/gateway/ready-endpoint.ts";
import type { ServedModel } from "../../core/gateway/served-model.ts";
import { serveHttp } from "../../drivers/http-server/index.ts";
import { createUpstream } from "../../drivers/upstream/index.ts";
import { servedModel } from "./served-model.ts";

export interface GatewayOptions {
  /** Root of the model server, without `/v1`. */
  readonly upstreamUrl: string;
  readonly upstreamKey?: string;
  readonly model?: Partial<ServedModel>;
  readonly endpoint?: Endpoint;
  readonly keys?: readonly KeyRecord[];
  readonly limits?: Partial<GatewayLimits>;
  readonly clock?: Clock;
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  /** What is recorded of requests that are over, in the order of their ends. */
  readonly records: readonly RequestRecord[];
  /** Faults of the gateway itself: none, ever. */
  readonly defects: readonly unknown[];
  /** Clients that never try again by themselves. */
  anthropic(key?: string): Anthropic;
  openai(key?: string): OpenAI;
  /** POST of a JSON body, or of a text as it is, to a path. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response>;
  close(): Promise<void>;
}

/** The real gateway, over real HTTP, in front of a model server. */
export async function startGateway(options: GatewayOptions): Promise<TestGateway> {
  const clock = options.clock ?? systemClock;
  const upstream = createUpstream();
  const records: RequestRecord[] = [];
  const defects: unknown[] = [];
  const target = { rootUrl: options.upstreamUrl, apiKey: options.upstreamKey ?? null };
  const app = createGatewayApp({
    upstream,
    models: [{ model: servedModel({ name: "student-32b", ...options.model }), endpoint: options.endpoint ?? readyEndpoint(target) }],
    keys: options.keys === undefined ? null : createKeyRing(options.keys),
    limiter: createLimiter(clock),
    clock,
    limits: { maxBodyBytes: 32_000_000, headersMs: 600_000, silenceMs: 300_000, totalMs: 840_000, pingMs: 15_000, ...options.limits },
    countTokens: null,
    onRequest: (record) => records.push(record),
    capture: null,
    onDefect: (_requestId, error) => defects.push(error),
  });
  const server = await serveHttp(app.fetch, { host: "127.0.0.1", port: 0, graceMs: 0 });
  const close = async (): Promise<void> => {
    await server.close();
    await upstream.close();
  };
  return {
    url: server.url,
    records,
    defects,
    anthropic: (key = "none") => new Anthropic({ baseURL: server.url, apiKey: key, authToken: null, maxRetries: 0 }),
    openai: (key = "none") => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: key, maxRetries: 0 }),
    post: (path, body, headers = {}, signal) =>
      fetch(server.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Time that runs so many times faster. */
export function fasterClock(times: number): Clock {
  const startMs = Date.now();
  return {
    now: () => startMs + (Date.now() - startMs) * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  };
}

export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The events of a streamed answer, to its end or to where it was cut. Throws for an event whose name is not its type. */
export async function readEvents(
  response: Response,
  onEvent?: (event: StreamEvent) => void,
): Promise<{ events: StreamEvent[]; wasCut: boolean }> {
  const events: StreamEvent[] = [];
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent(event) {
      const data: StreamEvent = JSON.parse(event.data);
      if (event.event !== data.type) throw new Error(`The event ${event.event} says that it is ${data.type}.`);
      events.push(data);
      onEvent?.(data);
    },
  });
  try {
    for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }));
    return { events, wasCut: false };
  } catch (error) {
    if (error instanceof TypeError || (error instanceof Error && error.name === "AbortError")) return { events, wasCut: true };
    throw error;
  }
}
