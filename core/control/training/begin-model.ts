import { ConflictError, InputError } from "../../errors/index.ts";
import { chooseMachine } from "../../training/choose-machine.ts";
import { jobOf, jobText } from "../../training/job-of.ts";
import type { TrainingJobs } from "../../training/jobs.ts";
import type { MachineChoice } from "../../training/machine-choice.ts";
import { type ModelChange, type ModelRecord, OPEN_MODEL_STATES } from "../../training/model.ts";
import { jobKey } from "../../training/names.ts";
import { offersOf } from "../../training/offers.ts";
import type { TrainingLoad } from "../../training/speed.ts";
import type { ControlPlatform, Workshop } from "../platform.ts";
import { detailOf } from "../stop-run.ts";
import { storedBase } from "./base.ts";
import { noTraining } from "./no-training.ts";
import { tellModel } from "./tell-model.ts";
import { writtenData } from "./written-data.ts";

const HOUR_SECONDS = 3600;

/**
 * Brings a model from its record to a job that waits for a machine: its own copy of the data, the machine, job.json, the job. Each step
 * finds what an earlier try has done, so that the model has one set of data and one job. What lies in the user's hands fails the model.
 */
export async function beginModel(
  platform: ControlPlatform,
  workshop: Workshop,
  model: ModelRecord,
  signal: AbortSignal,
): Promise<"submitted" | "ended" | "dropped"> {
  try {
    return await begin(platform, workshop, model, signal);
  } catch (error) {
    // Cancelled, removed, or somebody else has brought it there.
    if (isChanged(error)) return "dropped";
    if (error instanceof InputError) return failed(platform, model, error);
    throw await noted(platform, model, error);
  }
}

async function begin(platform: ControlPlatform, workshop: Workshop, found: ModelRecord, signal: AbortSignal): Promise<"submitted"> {
  const { models, artifacts, training, version } = platform;
  const jobs = await workshop.jobs();
  if (training === null || jobs === null) throw noTraining();
  const keep = (change: ModelChange): Promise<ModelRecord> => models.changeModel(found.id, ["preparing"], change);

  let model = found;
  const base = await storedBase(platform, model.config.base);
  const choose = (load: TrainingLoad | null): MachineChoice =>
    chooseMachine({ base: base.facts, train: model.config, offers: offersOf(training), load });
  // The data takes a while to be written: a base that fits no machine fits none with it.
  if (model.machine === null) choose(null);
  if (model.data === null) model = await keep(await writtenData(platform, workshop, model, signal));
  const choice = model.machine ?? choose(model.data);
  if (model.machine === null) model = await keep({ machine: choice });
  await artifacts.put(jobKey(model.id), Buffer.from(jobText(jobOf(model, base, version))));
  signal.throwIfAborted();
  const { jobId } = await jobs.submit({ modelId: model.id, choice, timeoutSeconds: Math.ceil(model.config.maxHours * HOUR_SECONDS) });
  try {
    await tellModel(platform, await keep({ state: "waiting", detail: null, job: { jobId, attempts: 0 } }));
  } catch (error) {
    if (isChanged(error)) await endUnwanted(platform, jobs, model.id, jobId);
    throw error;
  }
  return "submitted";
}

/** The model was cancelled or removed while its job was handed in; unless another task has handed in the same job. */
async function endUnwanted({ models }: ControlPlatform, jobs: TrainingJobs, modelId: string, jobId: string): Promise<void> {
  const now = await models.getModel(modelId);
  if (now === null || !OPEN_MODEL_STATES.includes(now.state)) await jobs.cancel(jobId, `Model ${modelId} is not wanted any more.`);
}

async function failed(platform: ControlPlatform, { id }: ModelRecord, why: InputError): Promise<"ended" | "dropped"> {
  const change: ModelChange = { state: "failed", detail: why.message, code: why.code, hint: why.hint ?? null };
  try {
    await tellModel(platform, await platform.models.changeModel(id, ["preparing"], change));
    return "ended";
  } catch (error) {
    if (isChanged(error)) return "dropped";
    throw error;
  }
}

/** The last error stands on the model, for the case that no later try brings a better one. */
async function noted({ models }: ControlPlatform, { id }: ModelRecord, error: unknown): Promise<unknown> {
  await models.changeModel(id, ["preparing"], { detail: detailOf(error) }).catch(() => {});
  return error;
}

const isChanged = (error: unknown): boolean =>
  error instanceof ConflictError || (error instanceof InputError && error.code === "model_unknown");
