import * as z from "zod";
import { TRAINING_MACHINES } from "../../../config/cloud/machines.ts";
import { MODEL_STATES } from "../../../training/model.ts";
import { countOf, linkUrl, microUsd, queryNumber, runId, strict, textLike, timestamp } from "./fields.ts";

export const modelId = z.string().meta({ example: "my-service-20261122-081200-c3d4" });

export const machineSchema = z
  .object({
    machine: z.enum(TRAINING_MACHINES).meta({ description: "EC2 instance type." }),
    nodes: z.int(),
    capacity: z.enum(["spot", "on-demand", "block"]),
    gpus: z.int().meta({ description: "Of one machine." }),
    sequenceParallel: z.int().meta({ description: "GPUs that share one sequence." }),
  })
  .meta({ id: "MachineChoice" });

const dataSchema = z
  .object({
    rows: countOf("Trajectories."),
    tokens: countOf("Of all of them, once."),
    trainedTokens: countOf("Those among them that the teacher wrote."),
    toolset: z.string(),
    rehearsal: z.boolean(),
    textsSha256: z.string().meta({ description: "SHA-256 over the texts that were trained on." }),
  })
  .meta({ id: "ModelData" });

const gateSchema = z.object({ name: z.string(), passed: z.boolean(), detail: z.string() });

const metricsSchema = z
  .object({
    at: timestamp,
    steps: z.int(),
    tokens: z.int(),
    trainedTokens: z.int(),
    firstLoss: z.number(),
    lastLoss: z.number(),
    heldOutLossBefore: z.number().nullable(),
    heldOutLoss: z.number().nullable(),
    trainSeconds: z.number(),
    gates: z.array(gateSchema).readonly().meta({ description: "What was checked before it was published." }),
    files: z.int(),
    bytes: z.int(),
    templateSha256: z.string(),
    tokenizerSha256: z.string(),
  })
  .meta({ id: "ModelMetrics", description: "Losses are nats a trained token." });

const summaryFields = {
  id: modelId,
  name: z.string(),
  state: z.enum(MODEL_STATES).meta({ description: "waiting: for a machine." }),
  detail: z.string().nullable().meta({ description: "What is waited for, or why it failed; for a person." }),
  code: z.string().nullable().meta({ description: "Of the failure. Stable, for programs." }),
  hint: z.string().nullable().meta({ description: "What can be done about the failure." }),
  runId: runId.nullable(),
  repository: z.string(),
  commit: z.string().nullable(),
  base: z.string(),
  method: z.enum(["lora", "full"]),
  rehearsal: z.boolean().nullable().meta({ description: "Whether it was trained on a rehearsal; null until the data is written." }),
  costMicroUsd: microUsd
    .nullable()
    .meta({ description: "Of the machines so far, by the price table of serac. Millionths of a US dollar." }),
  createdAt: timestamp,
  updatedAt: timestamp,
};

export const modelSummarySchema = z
  .object(summaryFields)
  .meta({ id: "ModelSummary", description: "A model, or one that is being trained." });

const progressSchema = z
  .object({
    at: timestamp,
    event: z.string().meta({ description: "The last event of the trainer." }),
    step: z.int().nullable(),
    steps: z.int().nullable(),
    epoch: z.number().nullable(),
    loss: z.number().nullable(),
    tokensPerSecond: z.number().nullable(),
    tokens: z.int().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "ModelProgress" });

export const modelSchema = z
  .object({
    ...summaryFields,
    config: z.record(z.string(), z.unknown()).meta({ description: "The `train` settings, with defaults." }),
    data: dataSchema.nullable().meta({ description: "What it is trained on; null until that is written." }),
    templateSha256: z.string().nullable(),
    machine: machineSchema.nullable().meta({ description: "Null until one was chosen." }),
    job: z
      .object({ jobId: z.string().nullable(), attempts: countOf("Tries so far: each begins where the last checkpoint is.") })
      .nullable()
      .meta({ description: "The job of AWS Batch; null until it was handed in." }),
    progress: progressSchema.nullable().meta({ description: "Null while the trainer has said nothing." }),
    etaSeconds: z.int().nullable().meta({ description: "Until the last step, as the trainer reckons; null when it does not train." }),
    metrics: metricsSchema.nullable().meta({ description: "Null until it is ready." }),
    location: z.string().nullable().meta({ description: "Where its files lie; null until it is ready." }),
  })
  .meta({ id: "Model" });

export const modelListSchema = z
  .object({
    models: z.array(modelSummarySchema).readonly().meta({ description: "Newest first." }),
    next: z.string().nullable().meta({ description: "`after` of the next page; null at the end." }),
  })
  .meta({ id: "ModelList" });

export const modelListQuery = strict({
  limit: queryNumber(1, 100).default(20).meta({ description: "Models of a page at most." }),
  after: z.string().min(1).max(200).optional().meta({ description: "`next` of the page before." }),
  state: z.enum(MODEL_STATES).optional().meta({ description: "Only models in this state." }),
  runId: z.string().min(1).max(200).optional().meta({ description: "Only models that were trained on this run." }),
});

export const newModelBody = strict({
  runId: z.string().min(1).max(200).meta({ description: "Of a run that has a dataset.", example: "my-service-20261121-101500-a1b2" }),
  name: textLike(/^[a-z0-9][a-z0-9._-]{0,62}$/i, "up to 63 letters, digits, dots, - and _, beginning with a letter or a digit")
    .optional()
    .meta({ description: "What the model is called; else train.name, else as the run." }),
  train: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: "Settings of the `train` section of serac.yaml that are to differ from the run's own." }),
}).meta({
  id: "NewModel",
  example: { runId: "my-service-20261121-101500-a1b2", train: { base: "Qwen/Qwen3-8B", epochs: 2, maxUsd: 50 } },
});

export const modelFilesSchema = z
  .object({
    modelId,
    files: z
      .array(
        z.object({
          path: z.string().meta({ example: "adapter_model.safetensors" }),
          bytes: z.int(),
          version: z.string().meta({ description: "Changes with the content." }),
          url: linkUrl,
        }),
      )
      .readonly()
      .meta({ description: "MANIFEST.json, which has the SHA-256 of the others, comes last." }),
    expiresAt: timestamp,
  })
  .meta({ id: "ModelFiles" });
