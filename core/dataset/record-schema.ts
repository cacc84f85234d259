import * as z from "zod";
import { trajectoryShape } from "../agent/trajectory-schema.ts";
import { RECORD_SCHEMA, type TrajectoryRecord } from "../svg/record.ts";

const count = z.int().min(0);

const sourceFunction = z.object({
  id: z.string(),
  path: z.string(),
  name: z.string(),
  language: z.string(),
  startLine: count,
  endLine: count,
  lines: count,
});

const share = z.number().min(0).max(1);

const score = z.object({
  recall: share,
  precision: share.nullable(),
  matched: count,
  targetLines: count,
  candidateLines: count,
  recallSera: share.nullable(),
});

export const recordSchema: z.ZodType<TrajectoryRecord> = z.object({
  ...trajectoryShape,
  schema: z.literal(RECORD_SCHEMA),
  runId: z.string().min(1),
  sampleId: z.string().min(1),
  dataset: z.enum(["t1", "t2"]),
  function: sourceFunction,
  kind: z.string(),
  replica: count,
  seed: z.int(),
  repository: z.object({ name: z.string(), commit: z.string().nullable() }),
  teacher: z.object({ model: z.string(), temperature: z.number() }),
  pullRequest: z.string().nullable(),
  score: score.nullable(),
  accepted: z.boolean(),
});
