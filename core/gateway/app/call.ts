import type { ClientError } from "../client/client-error.ts";
import type { ReplyUsage } from "../client/reply.ts";
import type { GatewayDeps } from "../deps.ts";
import type { KeyRecord } from "../keys.ts";
import { freshId } from "./fresh-id.ts";
import { DEFECT, knownError } from "./problem.ts";

/** One request on its way through the gateway: what it may still cost, and what will be recorded of it. */
export interface Call {
  readonly requestId: string;
  readonly startedMs: number;
  /** Aborts what is done upstream for this request. */
  readonly signal: AbortSignal;
  readonly key: KeyRecord | null;
  /** Whose request it is is known now. */
  identify(key: KeyRecord | null): void;
  /** As the client named it. */
  model: string | null;
  status: number;
  /** Tokens used, as far as known. */
  usage: ReplyUsage;
  /** Of the request that was sent to the model; 0 when none was. */
  sentCharacters: number;
  /** Ends the work for this request. The first reason stays. */
  stop(reason: StopReason): void;
  /** What a client is told of something that was thrown while this request was served; null when the client is gone. */
  errorOf(thrown: unknown): ClientError | null;
  /** The first part of the answer is there. Later calls change nothing. */
  markFirstToken(): void;
  /** What went over the wire; kept only where it is captured. */
  readonly exchange: { request: string; upstreamRequest: string | null; reply: string } | null;
  /** Records the request. Later calls change nothing. */
  finish(error: ClientError | null): void;
}

export type StopReason = "client-gone" | ClientError;

const NO_USAGE: ReplyUsage = { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 };

/** The status that nginx gave to clients that left; nobody receives it, it is for the record. */
const CLIENT_GONE = 499;

/** `signal` aborts when the client goes. */
export function startCall(deps: GatewayDeps, route: string, signal: AbortSignal): Call {
  const startedMs = deps.clock.now();
  const work = new AbortController();
  let stopped: StopReason | null = null;
  let firstTokenMs: number | null = null;
  let isRecorded = false;

  const stop = (reason: StopReason): void => {
    if (stopped !== null || isRecorded) return;
    stopped = reason;
    work.abort(STOPPED);
  };
  const leave = (): void => stop("client-gone");
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });

  // No getters here, nor in the other objects that each stream has: V8 keeps such an object as a dictionary, many times as large.
  const call: { -readonly [K in keyof Call]: Call[K] } = {
    requestId: `req_${freshId()}`,
    startedMs,
    signal: work.signal,
    key: null,
    model: null,
    status: 200,
    usage: NO_USAGE,
    sentCharacters: 0,
    stop,
    errorOf: (thrown) => {
      if (stopped === "client-gone") return null;
      if (stopped !== null) return stopped;
      const known = knownError(thrown);
      if (known === null) deps.onDefect?.(call.requestId, thrown);
      return known ?? DEFECT;
    },
    markFirstToken: () => (firstTokenMs ??= deps.clock.now() - startedMs),
    exchange: exchangeFor(deps, null),
    identify: (key) => {
      call.key = key;
      call.exchange = exchangeFor(deps, key);
    },
    finish: (error) => {
      if (isRecorded) return;
      isRecorded = true;
      signal.removeEventListener("abort", leave);
      const { requestId, key, model, usage } = call;
      void charge(deps, call);
      deps.onRequest({
        at: new Date(startedMs).toISOString(),
        requestId,
        route,
        keyId: key?.id ?? null,
        model,
        status: stopped === "client-gone" ? CLIENT_GONE : call.status,
        error: stopped === "client-gone" ? "client_gone" : (error?.type ?? null),
        durationMs: deps.clock.now() - startedMs,
        firstTokenMs,
        inputTokens: usage.inputTokens + usage.cacheReadTokens,
        cachedTokens: usage.cacheReadTokens,
        outputTokens: usage.outputTokens,
      });
      if (call.exchange !== null) deps.capture?.(key, { requestId, ...call.exchange });
    },
  };
  return call;
}

const CHARACTERS_A_TOKEN = 4;

async function charge({ limiter, onDefect }: GatewayDeps, { key, usage, sentCharacters, requestId }: Call): Promise<void> {
  const tokens = usage.inputTokens + usage.cacheReadTokens + usage.outputTokens;
  // An answer that was left or broke off has cost its prompt; nobody says how many tokens that was.
  const charged = tokens > 0 ? tokens : Math.ceil(sentCharacters / CHARACTERS_A_TOKEN);
  if (key === null || charged === 0) return;
  try {
    await limiter.use(key, charged);
  } catch (error) {
    onDefect?.(requestId, error);
  }
}

/** One reason for all aborts: to make an error with a stack for each is dear. */
const STOPPED = new Error("The request has ended.");

const exchangeFor = ({ capture, keys }: GatewayDeps, key: KeyRecord | null): Call["exchange"] =>
  capture !== null && (keys === null || key?.capture === true) ? { request: "", upstreamRequest: null, reply: "" } : null;
