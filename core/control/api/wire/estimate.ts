import * as z from "zod";
import { ORCHESTRATION_PARTS } from "../../../plan/cloud/orchestration.ts";
import { FIGURE_KINDS } from "../../../plan/figures.ts";
import { ESTIMATED_STAGES } from "../../../plan/load.ts";
import { configBody } from "./config.ts";
import { machineSchema } from "./models.ts";
import { strict } from "./fields.ts";

export const estimateBody = strict({
  config: configBody,
  assume: z
    .boolean()
    .optional()
    .meta({ description: "Take the assumptions, whatever earlier runs with the same teacher and toolset have measured." }),
  functions: z
    .int()
    .min(0)
    .max(100_000_000)
    .nullable()
    .optional()
    .meta({ description: "How many the repository has (`serac survey`); left out: as many as it takes." }),
}).meta({ id: "EstimateRequest", example: { config: { plan: { samples: 800 } }, functions: 1200 } });

const range = z.object({ low: z.number(), likely: z.number(), high: z.number() }).meta({ id: "Range" });

const figures = {
  calls: range,
  inputTokens: range,
  cachedInputTokens: range,
  outputTokens: range,
  usd: range,
  hours: range,
  diskBytes: range,
};

const sources = z
  .array(z.object({ figure: z.string(), kind: z.enum(FIGURE_KINDS), source: z.string(), value: range }).meta({ id: "Source" }))
  .readonly();

const machine = z
  .object({
    choice: machineSchema,
    hours: range.meta({ description: "From the start of the machines to the end, without waiting for them." }),
    gpuHours: range.meta({ description: "Of the steps alone, of all GPUs together." }),
    usd: z
      .object({ spot: range.nullable(), "on-demand": range.nullable(), block: range.nullable() })
      .meta({ description: "By how the machines are bought; null where these are not sold so." }),
    needBytes: z.int().meta({ description: "Of one GPU." }),
    haveBytes: z.int(),
  })
  .meta({ id: "MachineEstimate" });

const training = z
  .object({
    base: z.string(),
    method: z.enum(["lora", "full"]),
    parameters: z.int(),
    trainedParameters: z.int(),
    rows: range.meta({ description: "Of one epoch." }),
    tokens: range.meta({ description: "Of one epoch." }),
    epochs: z.number(),
    flops: range,
    chosen: machine.nullable().meta({ description: "What would be taken; null when nothing fits." }),
    unfit: z.object({ message: z.string(), hint: z.string().nullable() }).nullable().meta({ description: "Why nothing fits." }),
    machines: z.array(machine).readonly().meta({ description: "Every machine that fits, the cheapest first." }),
    prices: z.object({ region: z.string(), asOf: z.string(), onDemand: z.string(), spot: z.string(), block: z.string() }),
    sources,
  })
  .meta({ id: "TrainingEstimate" });

export const estimateSchema = z
  .object({
    samples: z.object({ requested: z.int(), planned: z.int() }),
    functions: z.int().nullable(),
    measured: z
      .object({ samples: z.int(), runs: z.array(z.object({ id: z.string(), samples: z.int() })).readonly() })
      .nullable()
      .meta({ description: "The earlier runs that the figures rest on; null: all is assumed." }),
    accepted: range.nullable(),
    stages: z.array(z.object({ stage: z.enum(ESTIMATED_STAGES), ...figures })).readonly(),
    total: z.object(figures),
    paperUsd: z.array(z.object({ teacher: z.string(), usd: range })).readonly(),
    cloud: z.object({
      usd: range,
      usdPerSample: range,
      parts: z.array(z.object({ part: z.enum(ORCHESTRATION_PARTS), usd: range })).readonly(),
      secondsPerSample: range,
      machineMib: z.int(),
      prices: z.object({ region: z.string(), date: z.string(), source: z.string() }),
    }),
    trainingUsd: z.object({ usd: range, source: z.string() }),
    budget: z
      .object({ usd: z.number(), samples: z.int(), isEnough: z.object({ low: z.boolean(), likely: z.boolean(), high: z.boolean() }) })
      .nullable(),
    training: training.nullable().meta({ description: "Null without a `train` section, and for a base whose shape is not known." }),
    sources,
    notes: z.array(z.string()).readonly(),
  })
  .meta({ id: "Estimate" });
