import { resolve } from "node:path";
import { systemClock } from "../../core/errors/clock.ts";
import { InputError } from "../../core/errors/index.ts";
import type { GatewayLimits, RequestRecord } from "../../core/gateway/deps.ts";
import type { Endpoint } from "../../core/gateway/endpoint.ts";
import { createKeyRing } from "../../core/gateway/key-ring.ts";
import type { KeyRecord } from "../../core/gateway/keys.ts";
import { createLimiter } from "../../core/gateway/limiter.ts";
import { readyEndpoint } from "../../core/gateway/ready-endpoint.ts";
import type { ServedModel } from "../../core/gateway/served-model.ts";
import type { Io } from "../io.ts";
import { type Listening, listen, openUpstream } from "../platform/gateway.ts";
import { captureInto } from "./capture.ts";
import { chooseModel } from "./choose-model.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { listModels } from "./list-models.ts";
import type { Serving } from "./serving.ts";
import { createUpstreamEndpoint } from "./upstream-endpoint.ts";

/** Nothing here cuts a slow model off: only what has plainly died. */
const LIMITS: GatewayLimits = {
  maxBodyBytes: 32_000_000,
  headersMs: 600_000,
  silenceMs: 600_000,
  // No proxy stands in front that would cut a stream at a time of its own.
  totalMs: 6 * 3_600_000,
  pingMs: 15_000,
};

export interface GatewayWish {
  readonly serving: Serving;
  readonly listening: Listening;
  /** Null: everybody who reaches the gateway may use it. */
  readonly keys: readonly KeyRecord[] | null;
  /** A folder; null: nothing is captured. */
  readonly captureFolder: string | null;
  /** Throw instead of waiting for a model server that does not answer yet. */
  readonly requiresUpstream: boolean;
  readonly onRequest: (record: RequestRecord) => void;
  /** What a person should know: an upstream that is not there yet, captures that are lost. */
  readonly onNote: (text: string) => void;
}

export interface OpenGateway {
  readonly url: string;
  /** What is served now; its window may come to be known later. */
  model(): ServedModel;
  close(): Promise<void>;
}

/** Asks the model server, then listens. InputError: usage, upstream_auth, upstream_model_unknown, upstream_rejected, upstream_unreachable. */
export async function openGateway(wish: GatewayWish, io: Io): Promise<OpenGateway> {
  const { serving } = wish;
  const capture =
    wish.captureFolder === null
      ? null
      : captureInto(resolve(io.cwd, wish.captureFolder), ({ message }) => wish.onNote(`A capture was lost: ${message}`));
  const upstream = await openUpstream();
  try {
    const served = await find(wish, (signal) => listModels(upstream, serving.target, signal));
    const server = await listen(
      {
        upstream,
        models: [served],
        keys: wish.keys === null ? null : createKeyRing(wish.keys),
        limiter: createLimiter(systemClock),
        clock: systemClock,
        limits: LIMITS,
        countTokens: estimateTokens,
        onRequest: wish.onRequest,
        capture,
        onDefect: (requestId, error) => wish.onNote(`A fault of the gateway in ${requestId}: ${stackOf(error)}`),
      },
      wish.listening,
    );
    const close = async (): Promise<void> => {
      await server.close();
      await upstream.close();
    };
    return { url: server.url, model: () => served.model, close };
  } catch (error) {
    await upstream.close();
    throw error;
  }
}

/** `model` changes once, when a server that was silent at the start answers. */
interface Found {
  model: ServedModel;
  readonly endpoint: Endpoint;
}

async function find(
  { serving, requiresUpstream, onNote }: GatewayWish,
  list: (signal?: AbortSignal) => ReturnType<typeof listModels>,
): Promise<Found> {
  const { target, wish, modelOf } = serving;
  const found = await list();
  if (found.kind === "models") {
    const listed = chooseModel(found.models, wish, target.rootUrl);
    return { model: modelOf(listed), endpoint: readyEndpoint(target) };
  }
  const silence = `${target.rootUrl} does not answer: ${found.why}`;
  if (requiresUpstream)
    throw new InputError("upstream_unreachable", silence, { hint: "Start the model server first, and check the address." });
  if (wish.name === null) {
    throw new InputError("upstream_unreachable", silence, {
      hint: "Check the address. To wait for a server that is still loading, name its model with --model.",
    });
  }
  onNote(`${silence.replace(/\.?$/, ".")} It may still be loading; requests wait until it answers.`);
  const served: Found = {
    model: modelOf({ id: wish.name, contextTokens: null }),
    endpoint: createUpstreamEndpoint({
      target,
      wish,
      list,
      onReady: (listed) => {
        served.model = modelOf(listed);
        onNote(`${target.rootUrl} answers now.`);
      },
      clock: systemClock,
    }),
  };
  return served;
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
