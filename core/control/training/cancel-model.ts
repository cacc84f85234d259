import { ConflictError, InputError } from "../../errors/index.ts";
import { OPEN_MODEL_STATES, type ModelRecord } from "../../training/model.ts";
import type { ControlPlatform } from "../platform.ts";
import { TRAIN_QUEUE, trainTaskOf } from "./message.ts";
import { tellModel } from "./tell-model.ts";

/**
 * Ends the training of a model for good. The model is cancelled at once; a task has its job ended. Idempotent: a model that was cancelled
 * before has that task again. ConflictError("state_conflict") for one that ended in another way.
 */
export async function cancelModel(platform: ControlPlatform, modelId: string): Promise<ModelRecord> {
  const model = await cancelled(platform, modelId);
  await platform.queue.enqueue(TRAIN_QUEUE, [trainTaskOf("watch", modelId)]);
  await tellModel(platform, model);
  return model;
}

async function cancelled({ models }: ControlPlatform, modelId: string): Promise<ModelRecord> {
  try {
    return await models.changeModel(modelId, OPEN_MODEL_STATES, { state: "cancelled", detail: null });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
  const model = await models.getModel(modelId);
  if (model === null) throw unknownModel(modelId);
  if (model.state === "cancelled") return model;
  const how = model.state === "ready" ? "is ready" : "has failed";
  throw new ConflictError("state_conflict", `Model ${modelId} ${how}: there is nothing to cancel.`, { hint: "It can be removed." });
}

export const unknownModel = (modelId: string): InputError => new InputError("model_unknown", `There is no model ${modelId}.`);
