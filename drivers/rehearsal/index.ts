import { getRequestListener } from "@hono/node-server";
import { createServer } from "node:http";
import type { TeacherConfig } from "../../core/config/schema.ts";
import { createApp } from "./app.ts";
import type { Fault } from "./faults.ts";
import type { RehearsalStats } from "./ledger.ts";
import { createLedger } from "./ledger.ts";

export type { Fault, FaultMode } from "./faults.ts";
export { FAULT_MODES } from "./faults.ts";
export type { RehearsalStats } from "./ledger.ts";

export interface RehearsalOptions {
  /** Replies depend on it, on the messages and on the tools, and on nothing else. */
  readonly seed: number;
  /** 0, the default: any free one. */
  readonly port?: number;
  /** Loopback by default; the rehearsal teacher is no service for others. */
  readonly host?: string;
  /** Waits this long before each reply. */
  readonly latencyMs?: number;
  readonly faults?: readonly Fault[];
  /** The window; longer prompts are refused in vLLM's words. No limit by default. */
  readonly contextTokens?: number;
  /** USD per 1M tokens, for `stats().costMicroUsd`. */
  readonly price?: TeacherConfig["price"];
  /** When given, requests without it get a 401. */
  readonly apiKey?: string;
  readonly model?: string;
  readonly maxBodyBytes?: number;
  /** What a 429 asks for; 1 by default. */
  readonly retryAfterSeconds?: number;
  /** Calls that are remembered for idempotency. */
  readonly rememberedCalls?: number;
}

export interface RehearsalTeacher {
  /** Base URL for a client: ends in /v1. */
  readonly url: string;
  /** `<model>-fault-<mode>` and `<model>-fault-<mode>-permanent` are served as well. */
  readonly model: string;
  stats(): RehearsalStats;
  /** Ends open calls. Idempotent. */
  close(): Promise<void>;
}

/** Starts the scripted stand-in for a teacher. Rejects with the system's error when the port is taken. */
export async function startRehearsalTeacher(options: RehearsalOptions): Promise<RehearsalTeacher> {
  const { seed, port = 0, host = "127.0.0.1", latencyMs = 0, faults = [], contextTokens, apiKey, model = "rehearsal" } = options;
  const ledger = createLedger(options.price ?? { input: 0, output: 0 }, options.rememberedCalls ?? 200_000);
  const closing = new AbortController();
  const app = createApp({
    model,
    seed: String(seed),
    latencyMs,
    faults,
    contextTokens: contextTokens ?? null,
    apiKey: apiKey ?? null,
    maxBodyBytes: options.maxBodyBytes ?? 64 * 1024 * 1024,
    retryAfterSeconds: options.retryAfterSeconds ?? 1,
    ledger,
    closing: closing.signal,
  });
  const listener = getRequestListener(app.fetch, { hostname: host, overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const boundPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}/v1`,
    model,
    stats: () => ledger.stats(),
    async close() {
      closing.abort();
      server.closeAllConnections();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
