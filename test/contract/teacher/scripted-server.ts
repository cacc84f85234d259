import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import * as z from "zod";
import type { TeacherConfig } from "../../../core/config/schema.ts";
import type { TeacherRequest } from "../../../core/agent/teacher.ts";

const bodySchema = z.record(z.string(), z.unknown());

/** A request as a teacher received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
}

export type Script = (response: ServerResponse, request: Received, number: number) => void | Promise<void>;

/** A real HTTP server that does what the test says, well-behaved or not; over TLS when given a key and a certificate. */
export async function scriptedServer(script: Script, tls?: { readonly key: string; readonly cert: string }): Promise<ScriptedServer> {
  const received: Received[] = [];
  const listener: RequestListener = (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const request = {
        method: incoming.method ?? "",
        path: incoming.url ?? "",
        headers: incoming.headers,
        body: bodySchema.parse(JSON.parse(text || "{}")),
      };
      received.push(request);
      void script(response, request, received.length - 1);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/v1`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};

export const completion = (message: Record<string, unknown>, more: Record<string, unknown> = {}): unknown => ({
  id: "1",
  object: "chat.completion",
  model: "m-served",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 2 },
  ...more,
});

/** Server-sent events; text is sent as it is, everything else as JSON. */
export const events = (response: ServerResponse, list: readonly unknown[]): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of list) response.write(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
};

export const delta = (part: Record<string, unknown>, finish: string | null = null): unknown => ({
  model: "m-served",
  choices: [{ index: 0, delta: part, finish_reason: finish }],
});

export const teacherConfig = (baseUrl: string, more: Partial<TeacherConfig> = {}): TeacherConfig => ({
  baseUrl,
  model: "m",
  temperature: 0.6,
  concurrency: 8,
  timeoutSeconds: 20,
  price: { input: 0, output: 0 },
  ...more,
});

export const callOf = (more: Partial<TeacherRequest> = {}): TeacherRequest => ({
  callId: "r/1",
  messages: [{ role: "user", content: "hi" }],
  tools: [],
  temperature: 0.6,
  ...more,
});
