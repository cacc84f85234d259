import type { UpstreamTarget } from "./upstream/upstream.ts";

/** Where a served model is, or what stands between a request and it. */
export type EndpointState =
  | { readonly state: "ready"; readonly target: UpstreamTarget }
  | {
      readonly state: "warming";
      readonly stage: WarmingStage;
      /** How long it has been in this stage. */
      readonly elapsedMs: number;
      /** How long this stage takes as a rule; null when nothing is known. */
      readonly usualMs: number | null;
    }
  | { readonly state: "failed"; readonly message: string; readonly retryAfterSeconds: number };

/** In their order: a machine, the container image, the weights in memory, compilation. */
export type WarmingStage = "capacity" | "image" | "weights" | "compile";

/** The port that finds the server of a model and wakes it. */
export interface Endpoint {
  state(signal: AbortSignal): Promise<EndpointState>;
  /** Asks for capacity where there is none. Idempotent: a request that a client repeats joins the same wake-up. */
  wake(signal: AbortSignal): Promise<void>;
}
