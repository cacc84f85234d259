import * as z from "zod";

/**
 * What the trainer says on its standard output, a JSON document a line, and keeps in metrics.jsonl. `at` is an ISO time; times are
 * seconds, losses are nats a trained token. A reader passes over events that it does not know.
 */
const at = z.iso.datetime();
const count = z.int().min(0);

/** Everything that a run of the trainer can end with, beside success. Codes are a contract, as those of serac's errors. */
export const TRAINING_FAILURES = [
  "base_missing",
  "base_unfit",
  "checkpoint_corrupt",
  "data_empty",
  "data_invalid",
  "data_mixed",
  "data_rehearsal",
  "data_too_long",
  "disk_too_small",
  "gate_failed",
  "job_invalid",
  "loss_not_finite",
  "memory_too_small",
  "network_slow",
  "parity_broken",
  "storage_denied",
  "storage_failed",
  "template_mismatch",
  "tokenizer_unfit",
  "unexpected",
] as const;
export type TrainingFailure = (typeof TRAINING_FAILURES)[number];

/** Those that another job, dataset, base or machine has to end: nothing was trained, and TRAINER_EXIT.badInput is the status. A disk may get full later as well. */
export const BAD_INPUT_FAILURES: readonly TrainingFailure[] = [
  "base_missing",
  "base_unfit",
  "data_empty",
  "data_invalid",
  "data_mixed",
  "data_rehearsal",
  "data_too_long",
  "job_invalid",
  "memory_too_small",
  "parity_broken",
  "template_mismatch",
  "tokenizer_unfit",
];

const gate = z.strictObject({ name: z.string(), passed: z.boolean(), detail: z.string() });

const progress = z.strictObject({
  event: z.literal("step"),
  at,
  step: count,
  steps: count,
  epoch: z.number(),
  loss: z.number(),
  learningRate: z.number(),
  gradNorm: z.number().nullable(),
  /** Of input, over all GPUs, since the event before. */
  tokensPerSecond: z.number(),
  /** Input tokens since the first step, over all tries. */
  tokens: count,
  etaSeconds: z.number().nullable(),
});

export const trainingEventSchema = z.discriminatedUnion("event", [
  z.strictObject({
    event: z.literal("started"),
    at,
    attempt: count,
    device: z.string(),
    devices: count,
    versions: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    event: z.literal("stage"),
    at,
    stage: z.enum(["base", "data", "render", "load", "train", "measure", "publish"]),
    detail: z.string(),
  }),
  z.strictObject({
    event: z.literal("prepared"),
    at,
    samples: count,
    heldOut: count,
    tokens: count,
    trainedTokens: count,
    maxTokens: count,
    /** Cut behind a reply, because they are longer than the context. */
    cut: count,
    /** Reason -> rows that are not trained on. */
    dropped: z.record(z.string(), count),
    seconds: z.number(),
  }),
  z.strictObject({ event: z.literal("resumed"), at, step: count, checkpoint: z.string(), passedOver: z.array(z.string()) }),
  progress,
  z.strictObject({ event: z.literal("held-out"), at, step: count, loss: z.number(), samples: count }),
  z.strictObject({ event: z.literal("checkpoint"), at, step: count, bytes: count, saveSeconds: z.number(), uploadSeconds: z.number() }),
  z.strictObject({ event: z.literal("interrupted"), at, step: count, reason: z.string() }),
  z.strictObject({
    event: z.literal("published"),
    at,
    steps: count,
    tokens: count,
    trainedTokens: count,
    firstLoss: z.number(),
    lastLoss: z.number(),
    heldOutLossBefore: z.number().nullable(),
    heldOutLoss: z.number().nullable(),
    trainSeconds: z.number(),
    gates: z.array(gate),
    files: count,
    bytes: count,
    templateSha256: z.string(),
    tokenizerSha256: z.string(),
  }),
  z.strictObject({ event: z.literal("failed"), at, code: z.enum(TRAINING_FAILURES), message: z.string(), hint: z.string().nullable() }),
]);

export type TrainingEvent = z.infer<typeof trainingEventSchema>;
export type TrainingStep = z.infer<typeof progress>;

/** What the trainer's process ends with. */
export const TRAINER_EXIT = {
  done: 0,
  /** It cannot work, or broke; `failed` says why. Trying again brings the same. */
  failed: 1,
  /** The job, the data or the base is not what it must be; nothing was trained. */
  badInput: 2,
  /** Stopped from outside behind a checkpoint, or by trouble that passes: the same command goes on from there. */
  interrupted: 75,
} as const;
