import { Agent as PlainAgent, request as plainRequest, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";

export interface ExchangeRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Without a byte in either direction. */
  readonly silenceMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** One request and its whole answer, over connections of its own. */
export interface Exchange {
  /** Rejects with whatever broke the connection, with the signal's reason, or for an answer that is too long or not whole. */
  send(request: ExchangeRequest): Promise<ExchangeAnswer>;
  close(): void;
}

export function createExchange(base: URL): Exchange {
  const isSecure = base.protocol === "https:";
  const agentOptions = { keepAlive: true, maxSockets: 8, maxFreeSockets: 2 };
  const agent = isSecure ? new SecureAgent(agentOptions) : new PlainAgent(agentOptions);
  return {
    send: ({ method, path, headers, body, silenceMs, maxBytes, signal }) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const options: RequestOptions = {
          agent,
          method,
          headers: { ...headers, ...(method === "PUT" && { "content-length": String(body?.length ?? 0) }) },
          timeout: silenceMs,
          ...(signal && { signal }),
        };
        const address = new URL(`${base.pathname.replace(/\/$/, "")}${path}`, base);
        const sent = (isSecure ? secureRequest : plainRequest)(address, options, (response) => {
          const chunks: Buffer[] = [];
          let length = 0;
          response.on("data", (chunk: Buffer) => {
            chunks.push(chunk);
            length += chunk.length;
            if (length > maxBytes) sent.destroy(new Error("The answer is too long."));
          });
          response.once("end", () => {
            if (!response.complete) return reject(new Error("The answer was cut off."));
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks, length) });
          });
          response.once("error", reject);
        });
        sent.once("timeout", () => sent.destroy(new Error(`There was no answer for ${silenceMs / 1000} s.`)));
        sent.once("error", (error) => reject(signal?.aborted === true ? signal.reason : error));
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
