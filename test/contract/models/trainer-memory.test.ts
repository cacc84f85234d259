import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { adapterParameters, parametersOf } from "../../../core/training/base-facts.ts";
import { knownBase } from "../../../core/training/known-bases.ts";
import { memoryNeed } from "../../../core/training/memory.ts";
import { SFT_FOLDER, trainerPython } from "../../images/python.ts";
import { trainConfig } from "./model-record.ts";

const BASES = ["Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-32B", "Qwen/Qwen2.5-Coder-7B-Instruct"] as const;
const RANK = 32;

const TRAININGS = (["lora", "full"] as const).flatMap((method) =>
  [256, 8192, 32_768].flatMap((contextTokens) =>
    [
      { gpus: 1, sequenceParallel: 1 },
      { gpus: 8, sequenceParallel: 1 },
      { gpus: 8, sequenceParallel: 4 },
      { gpus: 16, sequenceParallel: 8 },
    ].map((spread) => ({ method, contextTokens, spread })),
  ),
);

interface Answer {
  readonly parameters: number;
  readonly adapter: number;
  readonly needs: readonly number[];
}

let answers: readonly Answer[];

/** The shapes as the trainer's own library builds them, without weights. */
beforeAll(async () => {
  const cases = BASES.map((name) => {
    const facts = knownBase(name)!;
    return {
      qkNorm: name.startsWith("Qwen/Qwen3-"),
      rank: RANK,
      shape: {
        num_hidden_layers: facts.layers,
        hidden_size: facts.hidden,
        num_attention_heads: facts.heads,
        num_key_value_heads: facts.keyValueHeads,
        head_dim: facts.headSize,
        intermediate_size: facts.intermediate,
        vocab_size: facts.vocabulary,
        tie_word_embeddings: facts.isTied,
      },
      trainings: TRAININGS.map(({ method, contextTokens, spread }) => ({
        settings: { method, context_tokens: contextTokens, lora_rank: RANK, sequence_parallel: spread.sequenceParallel },
        gpus: spread.gpus,
      })),
    };
  });
  const script = fileURLToPath(new URL("trainer_memory.py", import.meta.url));
  const env = { ...process.env, PYTHONPATH: SFT_FOLDER, OMP_NUM_THREADS: "1" };
  const done = spawnSync(await trainerPython(), [script], { input: JSON.stringify(cases), env, encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  answers = JSON.parse(done.stdout) as readonly Answer[];
}, 600_000);

test.each(BASES)("%s has the parameters that the trainer counts, norms and biases aside, and its adapter has all of them", (name) => {
  const { parameters, adapter } = answers[BASES.indexOf(name)]!;
  const facts = knownBase(name)!;
  expect(parametersOf(facts) / parameters).toBeCloseTo(1, 3);
  expect(adapterParameters(facts, RANK)).toBe(adapter);
});

test.each(BASES)("a machine that is chosen for %s is never too small for the trainer", (name) => {
  const facts = knownBase(name)!;
  const { needs } = answers[BASES.indexOf(name)]!;
  for (const [at, { method, contextTokens, spread }] of TRAININGS.entries()) {
    const ours = memoryNeed(facts, trainConfig({ method, contextTokens, loraRank: RANK }), spread).bytes;
    // What is left out of the count of parameters is a ten-thousandth.
    expect(ours * 1.001).toBeGreaterThanOrEqual(needs[at]!);
    expect(ours).toBeLessThan(needs[at]! * 1.6);
  }
});
