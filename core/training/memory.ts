import type { TrainConfig } from "../config/schema.ts";
import { adapterParameters, embeddingParameters, layerParameters, parametersOf, type BaseFacts } from "./base-facts.ts";

type Settings = Pick<TrainConfig, "method" | "contextTokens" | "loraRank">;

export interface MemoryNeed {
  /** Weights, gradients and Adam's moments, of one GPU's share. */
  readonly stateBytes: number;
  /** Inputs of every layer: what checkpointing keeps. */
  readonly activationBytes: number;
  /** One layer's own activations while it is computed again, weights that are gathered for it, CUDA. */
  readonly workingBytes: number;
  /** Of one GPU, all told. */
  readonly bytes: number;
}

export interface Spread {
  /** Of all machines together. */
  readonly gpus: number;
  readonly sequenceParallel: number;
}

/** fp32 weights and gradients and both of Adam's moments. */
const TRAINED_BYTES = 16;
const BF16 = 2;
/** CUDA's context, workspaces of its libraries, and what the allocator cannot use. */
const OVERHEAD = 3e9;
/** Of what EC2 names: the driver keeps some of it, and the allocator cannot use every gap. */
export const USABLE_SHARE = 0.92;
/** Layers whose weights are there at once: the one that is computed and the one that is fetched. */
const GATHERED_LAYERS = 2;

/**
 * What each GPU needs. FSDP2 spreads states over all GPUs; a sequence lies on `sequenceParallel` of them. The trainer refuses by the same
 * terms without the gathered weights (batch-images/sft/serac_sft/memory.py), so what fits here is not refused there. Source of 16 bytes:
 * Rajbhandari et al., ZeRO, arXiv 1910.02054; of one input a layer: Chen et al., arXiv 1604.06174. The loss never has the logits of more
 * than a piece of the sequence.
 */
export function memoryNeed(base: BaseFacts, settings: Settings, { gpus, sequenceParallel }: Spread): MemoryNeed {
  const { layers, hidden, heads, headSize, intermediate } = base;
  const tokens = settings.contextTokens / sequenceParallel;
  const stateBytes = stateBytesOf(base, settings) / gpus;
  const activationBytes = tokens * layers * hidden * BF16;
  const within = tokens * BF16 * (6 * hidden + 2 * Math.max(hidden, heads * headSize) + 4 * intermediate);
  // Weights in bf16, and their gradients in fp32 until each GPU has its share of them.
  const gatheredBytes = gpus === 1 ? 0 : BF16 + (settings.method === "full" ? 4 : 0);
  const gathered = gatheredBytes * (GATHERED_LAYERS * layerParameters(base) + embeddingParameters(base));
  const workingBytes = within + gathered + OVERHEAD;
  return { stateBytes, activationBytes, workingBytes, bytes: stateBytes + activationBytes + workingBytes };
}

/** Of the whole training, wherever it lies. Qwen3-32B: 524 GB for all weights. */
export function stateBytesOf(base: BaseFacts, { method, loraRank }: Settings): number {
  const frozen = method === "full" ? 0 : parametersOf(base) * BF16;
  return frozen + trainedParameters(base, { method, loraRank }) * TRAINED_BYTES;
}

export const trainedParameters = (base: BaseFacts, { method, loraRank }: Pick<Settings, "method" | "loraRank">): number =>
  method === "full" ? parametersOf(base) : adapterParameters(base, loraRank);

/** fp32 weights of what is trained, and both moments. */
export const checkpointBytes = (base: BaseFacts, settings: Settings): number => 12 * trainedParameters(base, settings);

/** What is published, and read in the beginning. */
export const weightBytes = (base: BaseFacts): number => parametersOf(base) * BF16;

/** Of local disk on each machine: the base, two checkpoints and the model, with a third to spare for the prepared data. */
export const diskNeed = (base: BaseFacts, settings: Settings): number =>
  (2 * weightBytes(base) + 2 * checkpointBytes(base, settings)) * 1.33;

/** Of each machine's own memory: one process reads all weights, in the precision in which they are trained. */
export const hostMemoryNeed = (base: BaseFacts, { method }: Pick<Settings, "method">): number =>
  parametersOf(base) * (method === "full" ? 4 : BF16) + 8e9;
