import { ConflictError, InputError, SeracError } from "../../errors/index.ts";
import type { ModelChange, ModelRecord, ModelState } from "../../training/model.ts";
import type { ControlPlatform } from "../platform.ts";
import { readTrainMessage, type TrainMessage } from "./message.ts";
import { tellModel } from "./tell-model.ts";

/**
 * A task of training that nobody could do. One that was to begin a model becomes the model's failure. One that was to look at a job does
 * not: the job goes on, and the reaper has it looked at again.
 */
export async function buryTraining(platform: ControlPlatform, body: string): Promise<"model failed" | "nothing"> {
  const message = readIfOurs(body);
  if (message === null || message.kind === "event" || message.kind === "watch") return "nothing";
  const model = await platform.models.getModel(message.modelId);
  if (model === null) return "nothing";
  const why = model.detail === null ? "" : ` ${model.detail}`;
  if (message.kind === "remove") {
    await changed(platform, model, [model.state], { detail: "Its files could not be removed, after several tries. Remove it again." });
    return "nothing";
  }
  const detail = `Training could not be started, after several tries.${why}`;
  const failed = await changed(platform, model, ["preparing"], { state: "failed", code: "training_failed", detail });
  return failed ? "model failed" : "nothing";
}

async function changed(platform: ControlPlatform, { id }: ModelRecord, from: readonly ModelState[], change: ModelChange): Promise<boolean> {
  try {
    await tellModel(platform, await platform.models.changeModel(id, from, change));
    return true;
  } catch (error) {
    if (error instanceof ConflictError || (error instanceof InputError && error.code === "model_unknown")) return false;
    throw error;
  }
}

function readIfOurs(body: string): TrainMessage | null {
  try {
    return readTrainMessage(body);
  } catch (error) {
    if (error instanceof SeracError && error.code === "record_invalid") return null;
    throw error;
  }
}
