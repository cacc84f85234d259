import { expect, test } from "vitest";
import { configSchema, type TrainConfig } from "../../../core/config/schema.ts";
import { adapterParameters, parametersOf } from "../../../core/training/base-facts.ts";
import { knownBase } from "../../../core/training/known-bases.ts";
import { memoryNeed, stateBytesOf } from "../../../core/training/memory.ts";

const train = (change: Partial<TrainConfig> = {}): TrainConfig => ({ ...configSchema.parse({ train: {} }).train!, ...change });
const large = knownBase("Qwen/Qwen3-32B")!;
const small = knownBase("Qwen/Qwen3-8B")!;

/** As the model cards have them. */
test.each([
  ["Qwen/Qwen3-0.6B", 0.6e9],
  ["Qwen/Qwen3-1.7B", 1.7e9],
  ["Qwen/Qwen3-4B", 4.0e9],
  ["Qwen/Qwen3-8B", 8.2e9],
  ["Qwen/Qwen3-14B", 14.8e9],
  ["Qwen/Qwen3-32B", 32.8e9],
  ["Qwen/Qwen2.5-Coder-0.5B-Instruct", 0.49e9],
  ["Qwen/Qwen2.5-Coder-1.5B-Instruct", 1.54e9],
  ["Qwen/Qwen2.5-Coder-3B-Instruct", 3.09e9],
  ["Qwen/Qwen2.5-Coder-7B-Instruct", 7.61e9],
  ["Qwen/Qwen2.5-Coder-14B-Instruct", 14.7e9],
  ["Qwen/Qwen2.5-Coder-32B-Instruct", 32.5e9],
])("%s has as many parameters as its card says", (name, parameters) => {
  expect(parametersOf(knownBase(name)!) / parameters).toBeCloseTo(1, 1);
});

test("a name that nobody knows has no shape", () => {
  expect(knownBase("toString")).toBeNull();
  expect(knownBase("Qwen/Qwen3-32b")).toBeNull();
});

test("states of all weights are 16 bytes a parameter", () => {
  expect(stateBytesOf(large, train({ method: "full" })) / 1e9).toBeCloseTo(524, 0);
  expect(stateBytesOf(small, train({ method: "full" })) / 1e9).toBeCloseTo(131, 0);
});

test("an adapter of rank 32 on all seven projections", () => {
  expect(adapterParameters(large, 32) / 1e6).toBeCloseTo(268, 0);
  expect(adapterParameters(small, 32) / 1e6).toBeCloseTo(87, 0);
});

test("checkpointing keeps one input a layer, of a sequence's share", () => {
  const of = (base: typeof large, sequenceParallel: number) =>
    memoryNeed(base, train(), { gpus: 8, sequenceParallel }).activationBytes / 1e9;
  expect(of(large, 1)).toBeCloseTo(21.5, 1);
  expect(of(small, 1)).toBeCloseTo(9.7, 1);
  expect(of(large, 4)).toBeCloseTo(21.5 / 4, 1);
});

test("32B full takes about 100 GB on each of eight GPUs", () => {
  const { bytes } = memoryNeed(large, train({ method: "full" }), { gpus: 8, sequenceParallel: 1 });
  expect(bytes / 1e9).toBeGreaterThan(98);
  expect(bytes / 1e9).toBeLessThan(112);
});
