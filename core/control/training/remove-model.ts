import { ConflictError, InputError } from "../../errors/index.ts";
import { MODEL_STATES, OPEN_MODEL_STATES, type ModelRecord } from "../../training/model.ts";
import type { TrainingJobs } from "../../training/jobs.ts";
import { modelPrefix } from "../../training/names.ts";
import type { ControlPlatform } from "../platform.ts";
import { unknownModel } from "./cancel-model.ts";
import { TRAIN_QUEUE, trainTaskOf } from "./message.ts";
import { tellModel } from "./tell-model.ts";

const REMOVING = "It is being removed with its files.";
/** What a trainer that gets its SIGTERM needs to write its checkpoint: below it nothing is removed while it still writes. */
const STOPPING_MS = 30_000;
const AT_ONCE = 16;

/** Removes a model, which is ended first where it is still trained: by tasks, since its files may be many. Idempotent. */
export async function removeModel(platform: ControlPlatform, modelId: string): Promise<void> {
  const model = await platform.models.getModel(modelId);
  if (model === null) throw unknownModel(modelId);
  if (platform.training === null) throw notServed(platform, modelId);
  if (OPEN_MODEL_STATES.includes(model.state)) await endIt(platform, modelId);
  await platform.queue.enqueue(TRAIN_QUEUE, [trainTaskOf("remove", modelId)]);
}

const notServed = ({ artifacts }: ControlPlatform, modelId: string): InputError =>
  new InputError("training_unfit", `Training was taken out of this deployment, and with it what removes models.`, {
    hint: `Its files are at ${artifacts.locate(modelPrefix(modelId).slice(0, -1))}; deploy training again to remove it with its record.`,
  });

async function endIt(platform: ControlPlatform, modelId: string): Promise<void> {
  try {
    await tellModel(platform, await platform.models.changeModel(modelId, OPEN_MODEL_STATES, { state: "cancelled", detail: REMOVING }));
  } catch (error) {
    // It ended in the meantime.
    if (!(error instanceof ConflictError)) throw error;
  }
}

/**
 * The task behind it: the job, then the files, then the record, so that whatever is left over has a record by which it is found. `waits`:
 * for the job to end, and comes again.
 */
export async function removeFiles(
  platform: ControlPlatform,
  jobs: TrainingJobs | null,
  model: ModelRecord,
  signal: AbortSignal,
): Promise<"removed" | "waits"> {
  if (model.job?.jobId != null && jobs !== null) {
    const { state } = await jobs.describe(model.job.jobId);
    if (state === "waiting" || state === "starting" || state === "running") {
      await jobs.cancel(model.job.jobId, "The model is being removed.");
      await platform.queue.enqueue(TRAIN_QUEUE, [{ ...trainTaskOf("remove", model.id), delayMs: STOPPING_MS }]);
      return "waits";
    }
  }
  const keys: string[] = [];
  for await (const key of platform.artifacts.list(modelPrefix(model.id))) keys.push(key);
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    signal.throwIfAborted();
    await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => platform.artifacts.remove(key)));
  }
  await platform.models.removeModel(model.id, MODEL_STATES);
  return "removed";
}
