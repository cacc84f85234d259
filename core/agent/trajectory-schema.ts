import * as z from "zod";
import { EXIT_STATUSES, type ErrorExit, type ExitStatus, type Trajectory } from "./trajectory.ts";

const count = z.int().min(0);
const usage = z.object({ inputTokens: count, cachedInputTokens: count, outputTokens: count });
const toolCall = z.object({ id: z.string(), name: z.string(), arguments: z.string() });
const text = z.object({ role: z.enum(["system", "user"]), content: z.string() });
const reply = z.object({
  role: z.literal("assistant"),
  content: z.string(),
  reasoning: z.string().nullable(),
  toolCalls: z.array(toolCall),
});
const answer = z.object({ role: z.literal("tool"), toolCallId: z.string(), content: z.string() });

const isErrorExit = (status: string): status is ErrorExit => status !== "submitted" && EXIT_STATUSES.some((known) => known === status);

const exitStatus = z.custom<ExitStatus>(
  (status) => {
    if (typeof status !== "string") return false;
    return status === "submitted" || isErrorExit(/^submitted \((.*)\)$/.exec(status)?.[1] ?? status);
  },
  `must be one of: ${EXIT_STATUSES.join(", ")}, or "submitted (exit_…)"`,
);

const step = z.object({
  callId: z.string(),
  reply,
  finishReason: z.string(),
  observations: z.array(z.object({ toolCallId: z.string(), content: z.string(), executionMs: z.number().min(0), timedOut: z.boolean() })),
  requery: z.string().nullable(),
  usage,
  costMicroUsd: count,
  model: z.string(),
  latencyMs: z.number().min(0),
  at: z.string(),
});

/** The members of a trajectory, for documents that hold more beside them. */
export const trajectoryShape = {
  rolloutId: z.string().min(1),
  toolset: z.string().min(1),
  tools: z.array(z.object({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) })),
  prompt: z.array(z.union([text, reply, answer])),
  steps: z.array(step),
  exitStatus,
  detail: z.string().nullable(),
  patch: z.string(),
  usage,
  costMicroUsd: count,
  startedAt: z.string(),
  endedAt: z.string(),
  rehearsal: z.boolean(),
};

/** A trajectory as it lies in an artefact, read back. */
export const trajectorySchema: z.ZodType<Trajectory> = z.object(trajectoryShape);
