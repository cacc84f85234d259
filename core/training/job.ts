import * as z from "zod";

/**
 * job.json: all that the trainer is told. Its JSON Schema lies beside the Python code (batch-images/sft), generated from this one, so
 * that both sides refuse the same documents. Settings have no defaults here: serac.yaml's schema has them.
 */
export const TRAINING_JOB_SCHEMA = "serac.training-job/1";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const trainingJobSchema = z.strictObject({
  schema: z.literal(TRAINING_JOB_SCHEMA),
  modelId: z.string().min(1),
  name: z.string().min(1),
  base: z.strictObject({
    /** A folder, an s3:// prefix, or the name of a model on a hub. */
    source: z.string().min(1),
    revision: z.string().min(1).nullable(),
    /** What the published adapter calls its base, and so what it must be served as. */
    name: z.string().min(1),
  }),
  data: z.strictObject({
    datasets: z.array(z.enum(["t1", "t2"])).min(1),
    rows: z.int().min(1),
    toolset: z.string().min(1),
    rehearsal: z.boolean(),
    /** SHA-256 over the textSha256 of all rows, in their order, as lines. */
    textsSha256: sha256,
  }),
  /** SHA-256 of serve.jinja. The trainer refuses to work with another template. */
  templateSha256: sha256,
  settings: z.strictObject({
    method: z.enum(["lora", "full"]),
    contextTokens: z.int().min(256),
    epochs: z.number().positive(),
    learningRate: z.number().positive(),
    batchSize: z.int().min(1),
    warmupSteps: z.int().min(0),
    weightDecay: z.number().min(0),
    loraRank: z.int().min(1),
    loraAlpha: z.number().positive(),
    saveSteps: z.int().min(1),
    heldOut: z.number().min(0).max(0.5),
    seed: z.int().min(0),
    /** GPUs that share one sequence; 1: each has sequences of its own. */
    sequenceParallel: z.int().min(1),
    allowRehearsal: z.boolean(),
  }),
  /** Where the model comes from, for its card and MANIFEST.json. */
  lineage: z.strictObject({
    runId: z.string().nullable(),
    repository: z.string(),
    commit: z.string().nullable(),
    seracVersion: z.string(),
  }),
});

export type TrainingJob = z.infer<typeof trainingJobSchema>;
