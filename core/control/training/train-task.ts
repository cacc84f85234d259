import { modelOfJob } from "../../config/cloud/training.ts";
import { OPEN_MODEL_STATES, type ModelRecord } from "../../training/model.ts";
import type { ControlPlatform, Workshop } from "../platform.ts";
import { beginModel } from "./begin-model.ts";
import { type JobEvent, readTrainMessage, type TrainMessage } from "./message.ts";
import { removeFiles } from "./remove-model.ts";
import { watchModel } from "./watch-model.ts";

/**
 * - `submitted`: the model's job waits for a machine.
 * - `watched`: its record is as the job is.
 * - `ended`: the same, and the model has come to its end.
 * - `removed`, `waits`: see removeFiles.
 * - `dropped`: it is about nothing that is known here, or about what is past.
 */
export type TrainOutcome = "submitted" | "watched" | "ended" | "removed" | "waits" | "dropped";

export interface TrainReport {
  readonly modelId: string | null;
  readonly outcome: TrainOutcome;
}

/**
 * One task of the queue `train`. May come twice, in any order, and again after it died anywhere: a model has one job and one end. What is
 * thrown has to be received again. SeracError("record_invalid") for a body that neither serac nor AWS Batch wrote.
 */
export async function trainTask(
  platform: ControlPlatform,
  workshop: Workshop,
  body: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<TrainReport> {
  const message = readTrainMessage(body);
  const model = message.kind === "event" ? await modelOf(platform, message) : await platform.models.getModel(message.modelId);
  if (model === null) return { modelId: null, outcome: "dropped" };
  return { modelId: model.id, outcome: await act(platform, workshop, message, model, signal) };
}

async function act(
  platform: ControlPlatform,
  workshop: Workshop,
  message: TrainMessage,
  model: ModelRecord,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  if (message.kind === "remove") {
    // Whoever removes has ended it; a model that was made anew under the id is not meant.
    if (OPEN_MODEL_STATES.includes(model.state)) return "dropped";
    return removeFiles(platform, await workshop.jobs(), model, signal);
  }
  if (message.kind === "start" && model.state === "preparing") return beginModel(platform, workshop, model, signal);
  // Of an open model without a job, the task that handed it in is about to say so. Of one that ended, it is a job that nobody wants.
  const told = message.kind === "event" && !OPEN_MODEL_STATES.includes(model.state) ? message.jobId : null;
  const jobId = model.job?.jobId ?? told;
  const jobs = jobId === null ? null : await workshop.jobs();
  return jobId === null || jobs === null ? "dropped" : watchModel(platform, jobs, model, jobId);
}

/** A job bears the name of its model. One that was handed in for an earlier life of the model is not asked. */
async function modelOf({ models }: ControlPlatform, { jobId, jobName }: JobEvent): Promise<ModelRecord | null> {
  const model = await models.getModel(modelOfJob(jobName));
  const known = model?.job?.jobId ?? jobId;
  return known === jobId ? model : null;
}
