import type { Clock } from "../errors/clock.ts";
import type { Endpoint } from "./endpoint.ts";
import type { KeyRecord, KeyRing } from "./keys.ts";
import type { Limiter } from "./limits.ts";
import type { ServedModel } from "./served-model.ts";
import type { ChatRequest } from "./upstream/chat-request.ts";
import type { Upstream } from "./upstream/upstream.ts";

/** What the gateway's app is built from. */
export interface GatewayDeps {
  readonly upstream: Upstream;
  /** The first one also answers to every name that no model has: clients send other names for background work. */
  readonly models: readonly { readonly model: ServedModel; readonly endpoint: Endpoint }[];
  /** Null: everybody who reaches the gateway may use it. */
  readonly keys: KeyRing | null;
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly limits: GatewayLimits;
  /** Counts a prompt without the upstream; null where no tokenizer is at hand. */
  readonly countTokens: ((chat: ChatRequest, model: ServedModel) => Promise<number>) | null;
  /** Counts and times of a request, never its content. */
  readonly onRequest: (record: RequestRecord) => void;
  /** Everything of a request, for keys that ask for it; null: never. */
  readonly capture: ((key: KeyRecord | null, exchange: Exchange) => void) | null;
  /** A fault of the gateway itself, for its operator: the client is told nothing of it. */
  readonly onDefect?: (requestId: string, error: unknown) => void;
}

export interface GatewayLimits {
  /** Of a request's body. */
  readonly maxBodyBytes: number;
  /** Until the upstream's status line. */
  readonly headersMs: number;
  /** Silence of the upstream in the midst of an answer. */
  readonly silenceMs: number;
  /** One answer from its first byte to its last, holding included; the stream is ended before a proxy cuts it. */
  readonly totalMs: number;
  /** Between two pings, and between two reports of a server that warms up. */
  readonly pingMs: number;
}

export interface RequestRecord {
  readonly at: string;
  readonly requestId: string;
  readonly route: string;
  readonly keyId: string | null;
  readonly model: string | null;
  readonly status: number;
  /** The Messages API's error type where the request failed, also in the midst of a stream. */
  readonly error: string | null;
  readonly durationMs: number;
  /** Until the first part of the answer; null when there was none. */
  readonly firstTokenMs: number | null;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

export interface Exchange {
  readonly requestId: string;
  readonly request: string;
  readonly upstreamRequest: string | null;
  readonly reply: string;
}
