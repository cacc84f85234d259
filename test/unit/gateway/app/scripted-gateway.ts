import type { Clock } from "../../../../core/errors/clock.ts";
import { createGatewayApp } from "../../../../core/gateway/app/app.ts";
import type { Exchange, GatewayDeps, RequestRecord } from "../../../../core/gateway/deps.ts";
import { createLimiter } from "../../../../core/gateway/limiter.ts";
import { readyEndpoint } from "../../../../core/gateway/ready-endpoint.ts";
import type { UpstreamRequest, UpstreamResponse } from "../../../../core/gateway/upstream/upstream.ts";
import { UpstreamError } from "../../../../core/gateway/upstream/upstream.ts";
import { servedModel } from "../../../upstream/served-model.ts";

export const MODEL = servedModel({
  name: "m",
  contextTokens: 1_000,
  thinking: "none",
  escapesReserved: false,
  readsCallsInText: false,
});

export const TARGET = { rootUrl: "http://model.test", apiKey: null };

export type Answer = (request: UpstreamRequest) => UpstreamResponse | Promise<UpstreamResponse>;

/** The app over a model server that lives in the test: no network, and time as the test lets it go by. */
export function scriptedGateway(clock: Clock, answer: Answer, more: Partial<GatewayDeps> = {}) {
  const asked: UpstreamRequest[] = [];
  const records: RequestRecord[] = [];
  const defects: unknown[] = [];
  const captured: Exchange[] = [];
  const app = createGatewayApp({
    upstream: {
      send: async (request) => {
        asked.push(request);
        return answer(request);
      },
    },
    models: [{ model: MODEL, endpoint: readyEndpoint(TARGET) }],
    keys: null,
    limiter: createLimiter(clock),
    clock,
    limits: { maxBodyBytes: 10_000, headersMs: 60_000, silenceMs: 120_000, totalMs: 840_000, pingMs: 15_000 },
    countTokens: null,
    onRequest: (record) => records.push(record),
    capture: null,
    onDefect: (_, error) => defects.push(error),
    ...more,
  });
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal) =>
    app.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  return { app, post, asked, records, defects, captured };
}

export const ASK = { model: "m", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): UpstreamResponse => ({
  status,
  headers: new Headers({ "content-type": "application/json", ...headers }),
  body: (async function* () {
    yield new TextEncoder().encode(JSON.stringify(body));
  })(),
});

export const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

export const USAGE = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 3 } })}\n\n`;

export const END = `${chunk({}, "stop")}${USAGE}data: [DONE]\n\n`;

/** A stream of events; it ends with the list, and fails when the request is given up. */
export function events(parts: Iterable<string> | AsyncIterable<string>, signal?: AbortSignal): UpstreamResponse {
  return {
    status: 200,
    headers: new Headers({ "content-type": "text/event-stream" }),
    body: (async function* () {
      for await (const part of parts) {
        if (signal?.aborted === true) throw new UpstreamError("aborted", "given up");
        yield new TextEncoder().encode(part);
      }
    })(),
  };
}

/** Never answers; fails when it is given up. */
export const silence = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new UpstreamError("aborted", "given up")));
  });

/** What has come of a streamed answer so far, read as it comes. */
export function reading(response: Response) {
  const got = { text: "", isOver: false };
  const over = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body!) got.text += decoder.decode(bytes, { stream: true });
    got.isOver = true;
  })();
  return { got, over };
}

/** The types of a streamed answer's events. */
export const typesIn = (text: string): string[] => [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type!);
