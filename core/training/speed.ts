import type { TrainConfig } from "../config/schema.ts";
import { rangeOf, type Range } from "../plan/range.ts";
import { parametersOf, type BaseFacts } from "./base-facts.ts";
import type { MachineChoice } from "./machine-choice.ts";
import { machineFacts } from "./machines.ts";
import { checkpointBytes, trainedParameters, weightBytes } from "./memory.ts";

/** What is trained on, in one epoch. */
export interface TrainingLoad {
  readonly rows: number;
  readonly tokens: number;
}

/**
 * Floating point operations of a whole training: 6 for each parameter and token (Kaplan et al., arXiv 2001.08361), 4 where the weights
 * are frozen, since their gradients are not made; and causal attention, 6 for each layer, its width, token, and token before it (Chowdhery
 * et al., arXiv 2204.02311, appendix B, halved for the causal mask). What checkpointing computes again does not count, as in any MFU.
 */
export function trainingFlops(base: BaseFacts, train: Pick<TrainConfig, "method" | "loraRank" | "epochs">, load: TrainingLoad): number {
  const { rows, tokens } = load;
  const trained = trainedParameters(base, train);
  const weights = train.method === "full" ? 6 * trained : 4 * parametersOf(base) + 6 * trained;
  const attention = 6 * base.layers * base.heads * base.headSize * (tokens / Math.max(1, rows));
  return (weights + attention) * tokens * train.epochs;
}

interface Efficiency {
  /** Share of what the GPUs could do: low is slow. */
  readonly mfu: Range;
  readonly source: string;
}

const OURS = "our assumption until it is measured (npm run bench)";

/** By how the GPUs reach each other: without NVLink, FSDP waits for the weights of each layer. */
export const EFFICIENCY: Readonly<Record<"nvlink" | "pcie", Efficiency>> = {
  nvlink: {
    mfu: { low: 0.25, likely: 0.35, high: 0.45 },
    source: `${OURS}; 30 to 40 % is what FSDP reaches for 7B to 70B on A100 and H100 in published runs`,
  },
  pcie: { mfu: { low: 0.15, likely: 0.25, high: 0.35 }, source: OURS },
};

/** Of all machines together, from the first step to the last. `low` is the least time. */
export function stepHours(flops: number, { machine, nodes }: Pick<MachineChoice, "machine" | "nodes">): Range {
  const { gpus, tflops, link } = machineFacts(machine);
  const { mfu } = EFFICIENCY[link];
  const atBest = flops / (gpus * nodes * tflops * 1e12) / 3600;
  return { low: atBest / mfu.high, likely: atBest / mfu.likely, high: atBest / mfu.low };
}

/** Until the trainer runs: a machine that starts, and an image of several GB. Seconds. */
export const START_SECONDS: Range = { low: 240, likely: 480, high: 1200 };
/** From the object store to a local disk, and back. Bytes a second. */
const COPY_BYTES_PER_SECOND: Range = { low: 2e9, likely: 1e9, high: 0.3e9 };
/** To a local disk. Bytes a second. */
const SAVE_BYTES_PER_SECOND: Range = { low: 8e9, likely: 4e9, high: 1e9 };
/** Rendered, tokenised and masked. Tokens a second of one core; `npm run bench -- prepare`. */
const PREPARE_TOKENS_PER_CORE_SECOND: Range = { low: 200_000, likely: 111_000, high: 50_000 };

/** A spot machine that is taken back loses what it did since its checkpoint, and another one starts. Times the hours. */
export const SPOT_REPEATS: Range = { low: 1, likely: 1.05, high: 1.25 };

/** Machine and image, base, data, checkpoints, publishing: what is paid for beside the steps. */
export function besideHours(base: BaseFacts, train: TrainConfig, load: TrainingLoad, choice: Pick<MachineChoice, "machine">): Range {
  const { vcpus } = machineFacts(choice.machine);
  const steps = Math.ceil((load.rows * train.epochs) / train.batchSize);
  const saved = Math.ceil(steps / train.saveSteps) * checkpointBytes(base, train);
  const copied = weightBytes(base) + (train.method === "full" ? weightBytes(base) : 2 * trainedParameters(base, train));
  return rangeOf(
    (scenario) =>
      (START_SECONDS[scenario] +
        copied / COPY_BYTES_PER_SECOND[scenario] +
        load.tokens / (PREPARE_TOKENS_PER_CORE_SECOND[scenario] * Math.max(1, vcpus / 2)) +
        saved / SAVE_BYTES_PER_SECOND[scenario]) /
      3600,
  );
}
