import * as z from "zod";
import { SAMPLE_REASONS, SAMPLE_STATES } from "../../../svg/sample.ts";
import { countOf, linkUrl, microUsd, queryNumber, runId, strict, timestamp } from "./fields.ts";

const functionSchema = z
  .object({
    id: z.string(),
    path: z.string(),
    name: z.string(),
    language: z.string(),
    startLine: z.int(),
    endLine: z.int(),
    lines: z.int(),
  })
  .meta({ id: "Function", description: "A place in the code that a sample starts from." });

const scoreSchema = z
  .object({
    recall: z.number(),
    precision: z.number().nullable(),
    matched: z.int(),
    targetLines: z.int(),
    candidateLines: z.int(),
    recallSera: z.number().nullable(),
  })
  .meta({ id: "Score" });

const sampleFields = {
  id: z.string(),
  runId,
  index: countOf("Position in the plan, from 0."),
  function: functionSchema,
  kinds: z.array(z.string()).readonly().meta({ description: "Bug kinds in the order in which attempts take them." }),
  replica: z.int(),
  seed: z.int(),
  state: z.enum(SAMPLE_STATES),
  reason: z.enum(SAMPLE_REASONS).nullable(),
  detail: z.string().nullable(),
  attempts: countOf("First rollouts begun."),
  firstRolloutId: z.string().nullable(),
  firstAccepted: z.boolean(),
  pullRequest: z.string().nullable().meta({ description: "What the second rollout works from." }),
  secondRolloutId: z.string().nullable(),
  score: z.union([scoreSchema, z.null()]),
  costMicroUsd: microUsd,
  updatedAt: timestamp,
};

export const sampleSchema = z.object(sampleFields).meta({ id: "Sample" });

const linkSchema = z.object({ url: linkUrl, bytes: z.int() }).meta({ id: "Link" });
const link = z.union([linkSchema, z.null()]);

const rolloutSchema = z
  .object({
    which: z.enum(["first", "second"]),
    rolloutId: z.string(),
    trajectory: link.meta({ description: "JSON, compressed with zstd; null while the rollout has not ended." }),
    patch: link.meta({ description: "A unified diff; null while the rollout has not ended." }),
    replies: z.int().nullable().meta({ description: "Teacher replies so far, while it has not ended." }),
  })
  .meta({ id: "Rollout" });

export const sampleDetailSchema = z
  .object({ ...sampleFields, rollouts: z.array(rolloutSchema).readonly(), expiresAt: timestamp })
  .meta({ id: "SampleDetail" });

export const sampleListSchema = z
  .object({
    samples: z.array(sampleSchema).readonly().meta({ description: "By index." }),
    next: z.int().nullable().meta({ description: "`after` of the next page; null at the end." }),
  })
  .meta({ id: "SampleList" });

export const sampleListQuery = strict({
  state: z.enum(SAMPLE_STATES).optional().meta({ description: "Only samples in this state." }),
  reason: z.enum(SAMPLE_REASONS).optional().meta({ description: "Only samples that ended for this reason." }),
  limit: queryNumber(1, 500).default(100).meta({ description: "Samples of a page at most." }),
  after: queryNumber(0, 999_999_999).optional().meta({ description: "`next` of the page before." }),
});
