import type { TrainingSettings } from "../../../../core/config/cloud/training.ts";
import { createHash } from "node:crypto";
import { DATASET_MANIFEST_SCHEMA, datasetManifestJson, type DatasetManifest } from "../../../../core/dataset/manifest.ts";
import { SERVE_TEMPLATE_SHA256 } from "../../../../core/dataset/index.ts";
import { readTrainingData, type TrainingData } from "../../../../core/training/data.ts";
import type { ArtifactStore } from "../../../../core/svg/artifacts.ts";
import type { TrainingEvent } from "../../../../core/training/events.ts";
import type { ModelRecord } from "../../../../core/training/model.ts";
import { dataPrefix, resultKey, weightsPrefix } from "../../../../core/training/names.ts";

/** A deployment that has machines with one and with eight GPUs. */
export const TRAINING: TrainingSettings = {
  machines: [
    {
      machine: "g6e.xlarge",
      maxMachines: 4,
      vcpus: 4,
      memoryMib: 28_000,
      gpus: 1,
      queues: { spot: "spot", "on-demand": "on-demand" },
      jobDefinitions: { oneNode: "small" },
    },
    {
      machine: "p5.48xlarge",
      maxMachines: 2,
      vcpus: 192,
      memoryMib: 1_800_000,
      gpus: 8,
      queues: { "on-demand": "large" },
      jobDefinitions: { oneNode: "large", manyNodes: "many" },
    },
  ],
  isSpotAlone: false,
};

/** config.json of Qwen3-0.6B, as far as it is asked for. */
export const BASE_CONFIG = JSON.stringify({
  architectures: ["Qwen3ForCausalLM"],
  model_type: "qwen3",
  hidden_size: 1024,
  intermediate_size: 3072,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 151_936,
  tie_word_embeddings: true,
});

export const BASE = "Qwen/Qwen3-0.6B";
export const BASE_KEY = `bases/${BASE}/config.json`;

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** As the export leaves it, with rows that say no more than whose text they are. */
export async function putTrainingData(
  artifacts: ArtifactStore,
  model: ModelRecord,
  more: Partial<DatasetManifest> = {},
): Promise<TrainingData> {
  const { id, runId } = model;
  const hashesOf = (rows: number): string[] => Array.from({ length: rows }, (_, n) => sha256(`text ${n}`));
  const dataset = (rows: number) => ({ rows, tokens: rows * 1000, trainedTokens: rows * 200, textsSha256: sha256(lines(hashesOf(rows))) });
  const manifest: DatasetManifest = {
    schema: DATASET_MANIFEST_SCHEMA,
    runId: runId!,
    repository: "one",
    commit: null,
    format: "openai",
    toolsets: ["swe-agent"],
    rehearsal: false,
    templateSha256: SERVE_TEMPLATE_SHA256,
    textsSha256: sha256(lines([...hashesOf(12), ...hashesOf(8)])),
    tokenizer: "qwen3",
    contextTokens: 32_768,
    seracVersion: "0.0.0-test",
    t1: dataset(12),
    t2: dataset(8),
    ...more,
  };
  for (const name of ["t1", "t2"] as const) {
    const rows = hashesOf(manifest[name].rows).map((hash) => JSON.stringify({ messages: [], text_sha256: hash }));
    await artifacts.put(`${dataPrefix(id)}${name}/train-00000.jsonl`, Buffer.from(lines(rows)));
  }
  await artifacts.put(`${dataPrefix(id)}dataset.json`, Buffer.from(datasetManifestJson(manifest)));
  const data = await readTrainingData(artifacts, model);
  await artifacts.put(`${dataPrefix(id)}README.md`, Buffer.from("# A dataset\n"));
  return data;
}

type Published = Extract<TrainingEvent, { event: "published" }>;

export const PUBLISHED: Published = {
  event: "published",
  at: "2026-01-01T01:00:00.000Z",
  steps: 10,
  tokens: 20_000,
  trainedTokens: 4000,
  firstLoss: 2.5,
  lastLoss: 0.5,
  heldOutLossBefore: 2.4,
  heldOutLoss: 0.6,
  trainSeconds: 120,
  gates: [{ name: "parity", passed: true, detail: "20 of 20 samples" }],
  files: 4,
  bytes: 1024,
  templateSha256: sha256("template"),
  tokenizerSha256: sha256("tokenizer"),
};

/** What a trainer leaves that came to its end. */
export async function putResult(artifacts: ArtifactStore, modelId: string, event: TrainingEvent = PUBLISHED): Promise<void> {
  if (event.event === "published") {
    await artifacts.put(`${weightsPrefix(modelId)}adapter_model.safetensors`, Buffer.from("weights"));
    await artifacts.put(`${weightsPrefix(modelId)}MANIFEST.json`, Buffer.from("{}"));
  }
  await artifacts.put(resultKey(modelId), Buffer.from(`${JSON.stringify(event)}\n`));
}

export const batchEvent = (jobId: string, jobName: string, status: string): string =>
  JSON.stringify({
    version: "0",
    id: "c8f9c4b5-76e5-d76a-f980-7011e206042b",
    "detail-type": "Batch Job State Change",
    source: "aws.batch",
    account: "111111111111",
    time: "2026-01-01T00:00:00Z",
    region: "us-east-1",
    resources: [`arn:aws:batch:us-east-1:111111111111:job/${jobId}`],
    detail: { jobArn: `arn:aws:batch:us-east-1:111111111111:job/${jobId}`, jobId, jobName, status, attempts: [] },
  });
