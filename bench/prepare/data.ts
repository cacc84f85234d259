import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportRun, qwen3Tokenizer } from "../../core/dataset/index.ts";
import { readDatasetManifest } from "../../core/dataset/manifest.ts";
import { TRAINING_JOB_SCHEMA, type TrainingJob } from "../../core/training/job.ts";
import { openDatasetFolder } from "../../drivers/dataset-folder/index.ts";
import { RUN, syntheticRun } from "../export/synthetic-run.ts";

/**
 * usage: node bench/prepare/data.ts <folder> <samples> <base>
 *
 * The folder of a model as the trainer is given it: job.json and the rows of `samples` synthetic trajectories. Prints their tokens as JSON.
 */
const [folder, samples, base] = [process.argv[2]!, Number(process.argv[3]), process.argv[4]!];
const tokenizer = await qwen3Tokenizer();
await mkdir(folder, { recursive: true });
const data = join(folder, "data");
await exportRun(syntheticRun(samples, { tokenizer }), RUN, {
  format: "openai",
  kinds: ["jsonl"],
  sink: await openDatasetFolder(data),
  minKeptRatio: 0,
});
const { t2, repository, templateSha256 } = readDatasetManifest(await readFile(join(data, "dataset.json")), "dataset.json");
const job: TrainingJob = {
  schema: TRAINING_JOB_SCHEMA,
  modelId: "bench",
  name: "bench",
  base: { source: base, revision: null, name: "bench" },
  data: { datasets: ["t2"], rows: t2.rows, toolset: "mini", rehearsal: false, textsSha256: t2.textsSha256 },
  templateSha256: templateSha256!,
  settings: {
    method: "lora",
    contextTokens: 32_768,
    epochs: 3,
    learningRate: 1e-4,
    batchSize: 32,
    warmupSteps: 48,
    weightDecay: 0.01,
    loraRank: 32,
    loraAlpha: 64,
    saveSteps: 25,
    heldOut: 0.02,
    seed: 1,
    sequenceParallel: 1,
    allowRehearsal: false,
  },
  lineage: { runId: RUN, repository, commit: null, seracVersion: "0.0.0" },
};
await writeFile(join(folder, "job.json"), JSON.stringify(job));
console.log(JSON.stringify({ rows: t2.rows, tokens: t2.tokens, trainedTokens: t2.trainedTokens }));
