import type { BaseFacts } from "./base-facts.ts";

/**
 * Bases whose shape is known without their files, so that a training can be refused or priced before they are there. From the config.json
 * that their publisher gives out with them; a test compares the parameters with those on the model cards.
 */
export function knownBase(name: string): BaseFacts | null {
  const shape = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (shape === undefined) return null;
  const [layers, hidden, heads, keyValueHeads, headSize, intermediate, vocabulary, isTied, maxTokens] = shape;
  return { layers, hidden, heads, keyValueHeads, headSize, intermediate, vocabulary, isTied, maxTokens };
}

type Shape = readonly [
  layers: number,
  hidden: number,
  heads: number,
  keyValueHeads: number,
  headSize: number,
  intermediate: number,
  vocabulary: number,
  isTied: boolean,
  maxTokens: number,
];

const KNOWN: Readonly<Record<string, Shape>> = {
  "Qwen/Qwen3-0.6B": [28, 1024, 16, 8, 128, 3072, 151_936, true, 40_960],
  "Qwen/Qwen3-1.7B": [28, 2048, 16, 8, 128, 6144, 151_936, true, 40_960],
  "Qwen/Qwen3-4B": [36, 2560, 32, 8, 128, 9728, 151_936, true, 40_960],
  "Qwen/Qwen3-8B": [36, 4096, 32, 8, 128, 12_288, 151_936, false, 40_960],
  "Qwen/Qwen3-14B": [40, 5120, 40, 8, 128, 17_408, 151_936, false, 40_960],
  "Qwen/Qwen3-32B": [64, 5120, 64, 8, 128, 25_600, 151_936, false, 40_960],
  "Qwen/Qwen2.5-Coder-0.5B-Instruct": [24, 896, 14, 2, 64, 4864, 151_936, true, 32_768],
  "Qwen/Qwen2.5-Coder-1.5B-Instruct": [28, 1536, 12, 2, 128, 8960, 151_936, true, 32_768],
  "Qwen/Qwen2.5-Coder-3B-Instruct": [36, 2048, 16, 2, 128, 11_008, 151_936, true, 32_768],
  "Qwen/Qwen2.5-Coder-7B-Instruct": [28, 3584, 28, 4, 128, 18_944, 152_064, false, 32_768],
  "Qwen/Qwen2.5-Coder-14B-Instruct": [48, 5120, 40, 8, 128, 13_824, 152_064, false, 32_768],
  "Qwen/Qwen2.5-Coder-32B-Instruct": [64, 5120, 40, 8, 128, 27_648, 152_064, false, 32_768],
};
