import * as z from "zod";
import { SAMPLE_REASONS, SAMPLE_STATES } from "../../../svg/sample.ts";
import { RUN_STATES } from "../../../svg/store.ts";
import { configBody } from "./config.ts";
import { UPLOAD_ID } from "./uploads.ts";
import { countOf, microUsd, queryNumber, runId, strict, textLike, timestamp } from "./fields.ts";

const usageSchema = z.object({ inputTokens: z.int(), cachedInputTokens: z.int(), outputTokens: z.int() });

const spendSchema = z
  .object({
    budgetMicroUsd: microUsd.nullable().meta({ description: "Millionths of a US dollar; null: no limit." }),
    settledMicroUsd: microUsd,
    reservedMicroUsd: microUsd.meta({ description: "Held for calls in flight." }),
    settledCalls: countOf("Teacher calls that were paid for."),
    reservedCalls: countOf("Teacher calls in flight."),
    uncertainCalls: countOf("Calls begun more than once because a reply was lost."),
    usage: usageSchema,
  })
  .meta({ id: "Spend" });

const summaryFields = {
  runId,
  name: z.string(),
  state: z.enum(RUN_STATES),
  detail: z.string().nullable().meta({ description: "Why it is paused or failed, for a person." }),
  rehearsal: z.boolean(),
  repository: z.string(),
  commit: z.string().nullable(),
  functions: countOf("Functions that the survey found; 0 until then."),
  planned: countOf("Samples in the plan; 0 until then."),
  done: countOf("Samples in a final state."),
  accepted: countOf("Samples over the threshold."),
  rejected: countOf("Samples that were judged and not taken."),
  failed: countOf("Samples that something outside of them ended."),
  counts: z
    .array(z.object({ state: z.enum(SAMPLE_STATES), reason: z.enum(SAMPLE_REASONS).nullable(), samples: z.int() }))
    .readonly()
    .meta({ description: "Samples by state and reason." }),
  recallHistogram: z.array(z.int()).readonly().meta({ description: "Scored samples by recall: ten bins from 0 to 1." }),
  recallMean: z.number().nullable(),
  spend: spendSchema,
  createdAt: timestamp,
  updatedAt: timestamp,
};

export const runSummarySchema = z.object(summaryFields).meta({ id: "RunSummary", description: "Where a run stands." });

export const runDetailSchema = z
  .object({
    ...summaryFields,
    archive: z
      .object({ key: z.string(), drop: z.string().nullable() })
      .nullable()
      .meta({ description: "Where the repository came from: an upload, or a drop." }),
    dataset: z.string().nullable().meta({ description: "Where it lies; null until the run is finished." }),
    sandbox: z.string().nullable().meta({ description: "Where commands run; null until prepared." }),
    samplesPerMinute: z.number().nullable().meta({ description: "Since the run began; null when nothing is done or it does not run." }),
    etaSeconds: z.int().nullable().meta({ description: "Until the plan is worked off at that pace." }),
    config: z.record(z.string(), z.unknown()).meta({ description: "The settings, with defaults." }),
  })
  .meta({ id: "Run" });

export const runListSchema = z
  .object({
    runs: z.array(runSummarySchema).readonly().meta({ description: "Newest first." }),
    next: z.string().nullable().meta({ description: "`after` of the next page; null at the end." }),
  })
  .meta({ id: "RunList" });

export const runListQuery = strict({
  limit: queryNumber(1, 100).default(20).meta({ description: "Runs of a page at most." }),
  after: z.string().min(1).max(200).optional().meta({ description: "`next` of the page before." }),
  state: z.enum(RUN_STATES).optional().meta({ description: "Only runs in this state." }),
});

const MAX_TEXT = 100_000;

export const newRunBody = strict({
  config: configBody,
  name: textLike(/^[a-z0-9][a-z0-9._-]{0,62}$/i, "up to 63 letters, digits, dots, - and _, beginning with a letter or a digit")
    .optional()
    .meta({ description: "What the run's id begins with; config.name, where that is given, else `run`." }),
  uploadId: textLike(UPLOAD_ID, "an uploadId of POST /v1/uploads").meta({ description: "Of POST /v1/uploads, once the archive is there." }),
  demonstrations: z
    .array(z.string().min(1).max(MAX_TEXT))
    .max(2000)
    .readonly()
    .default([])
    .meta({ description: "Texts that show how issues are written here; else the repository's history, else serac's own." }),
}).meta({
  id: "NewRun",
  example: {
    name: "my-service",
    uploadId: "4fGh2kLmN8pQrS6tUvWxYz01.tar.gz",
    config: {
      environment: { install: ["pip install -e ."] },
      teacher: { baseUrl: "https://teacher.example.com/v1", model: "GLM-4.5-Air", apiKeySecret: "serac/teacher" },
      plan: { samples: 200 },
      budget: { usd: 20 },
    },
  },
});

export const idempotencyHeader = z.object({
  "idempotency-key": textLike(/^[\x21-\x7e]{1,255}$/, "1 to 255 printable characters without blanks")
    .optional()
    .meta({ description: "The same key with the same body gives the same run, however often it is sent." }),
});

export const resumeBody = strict({
  budgetUsd: z
    .number()
    .min(0)
    .max(1_000_000_000)
    .nullable()
    .optional()
    .meta({ description: "A new budget for the whole run, what was spent included; null lifts it. US dollars." }),
  retryFailed: z.boolean().default(false).meta({ description: "Take up the samples that failed, too." }),
}).meta({ id: "Resume", example: { budgetUsd: 100, retryFailed: true } });
