import type { TrainConfig } from "./schema.ts";

/** What a key of `train` means that was left out and depends on others. The rates: SERA's recipe for all weights, and the usual tenfold for an adapter. */
export const learningRateOf = ({ learningRate, method }: Pick<TrainConfig, "learningRate" | "method">): number =>
  learningRate ?? (method === "lora" ? 1e-4 : 1e-5);
export const loraAlphaOf = ({ loraAlpha, loraRank }: Pick<TrainConfig, "loraAlpha" | "loraRank">): number => loraAlpha ?? 2 * loraRank;
