import type { Clock } from "../../core/errors/clock.ts";
import { InputError } from "../../core/errors/index.ts";
import type { Endpoint, EndpointState } from "../../core/gateway/endpoint.ts";
import type { UpstreamTarget } from "../../core/gateway/upstream/upstream.ts";
import { chooseModel, type ModelWish } from "./choose-model.ts";
import type { ListedModel, ModelList } from "./list-models.ts";

export interface UpstreamEndpointOptions {
  readonly target: UpstreamTarget;
  readonly wish: ModelWish;
  /** Asks the server what it serves. */
  readonly list: (signal: AbortSignal) => Promise<ModelList>;
  /** The server answers, and has the model. Called once. */
  readonly onReady: (model: ListedModel) => void;
  readonly clock: Clock;
}

/** A server that does not come within this time does not come. */
const PATIENCE_MS = 30 * 60_000;
const RETRY_SECONDS = 30;
/** Requests that wait together share one question. */
const ASK_EVERY_MS = 1000;

/**
 * A server that somebody else starts, and that did not answer yet: vLLM opens its port when the weights are loaded, so until then it
 * looks like nothing at all. Requests are held meanwhile.
 */
export function createUpstreamEndpoint({ target, wish, list, onReady, clock }: UpstreamEndpointOptions): Endpoint {
  const sinceMs = clock.now();
  let isReady = false;
  let asked: Promise<EndpointState> | null = null;
  let answeredMs = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<EndpointState> => {
    const elapsedMs = clock.now() - sinceMs;
    try {
      const found = await list(AbortSignal.timeout(PATIENCE_MS));
      if (found.kind === "models") {
        const model = chooseModel(found.models, wish, target.rootUrl);
        if (!isReady) onReady(model);
        isReady = true;
        return { state: "ready", target };
      }
      if (elapsedMs < PATIENCE_MS) return { state: "warming", stage: "weights", elapsedMs, usualMs: null };
      return { state: "failed", message: `The model server does not answer: ${found.why}`, retryAfterSeconds: RETRY_SECONDS };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { state: "failed", message: error.message, retryAfterSeconds: RETRY_SECONDS };
    }
  };

  return {
    state: () => {
      if (isReady) return Promise.resolve({ state: "ready", target });
      if (asked === null || clock.now() - answeredMs >= ASK_EVERY_MS) {
        answeredMs = Number.POSITIVE_INFINITY;
        asked = ask().finally(() => (answeredMs = clock.now()));
      }
      return asked;
    },
    wake: () => Promise.resolve(),
  };
}
