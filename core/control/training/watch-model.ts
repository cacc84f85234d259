import { ConflictError, InputError } from "../../errors/index.ts";
import type { JobReport, TrainingJobs } from "../../training/jobs.ts";
import { OPEN_MODEL_STATES, type ModelChange, type ModelRecord } from "../../training/model.ts";
import type { ControlPlatform } from "../platform.ts";
import { movedBy } from "../../training/moved-by.ts";
import { resultIn } from "./result-in.ts";
import { tellModel } from "./tell-model.ts";

export type WatchOutcome = "watched" | "ended" | "dropped";

const LIVING: readonly JobReport["state"][] = ["waiting", "starting", "running"];

/**
 * Makes the record of a model what its job is: how often it was tried, what that cost, how it ended. What is told of a job is not believed
 * but asked for, so that it may be told in any order, twice, or never. A job whose model has come to another end is ended.
 */
export async function watchModel(platform: ControlPlatform, jobs: TrainingJobs, model: ModelRecord, jobId: string): Promise<WatchOutcome> {
  const report = await jobs.describe(jobId);
  const isLiving = LIVING.includes(report.state);
  const isWanted = OPEN_MODEL_STATES.includes(model.state);
  if (isLiving && !isWanted) await jobs.cancel(jobId, `Model ${model.id} is ${model.state}.`);
  const result = isLiving || !isWanted ? null : await resultIn(platform, model.id);
  const change = movedBy(model, report, result, platform.clock.now());
  if (change === null) return "watched";
  const changed = await apply(platform, model, change);
  if (changed === null) return "dropped";
  if (changed.state !== model.state || changed.detail !== model.detail) await tellModel(platform, changed);
  return isWanted && !OPEN_MODEL_STATES.includes(changed.state) ? "ended" : "watched";
}

/** Null when somebody else changed the model, who saw no less. */
async function apply({ models }: ControlPlatform, { id, state }: ModelRecord, change: ModelChange): Promise<ModelRecord | null> {
  try {
    return await models.changeModel(id, [state], change);
  } catch (error) {
    if (error instanceof ConflictError || (error instanceof InputError && error.code === "model_unknown")) return null;
    throw error;
  }
}
