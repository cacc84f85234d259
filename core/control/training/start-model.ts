import type { TrainConfig } from "../../config/schema.ts";
import { ConflictError, InputError } from "../../errors/index.ts";
import type { RunRecord } from "../../svg/store.ts";
import type { ModelRecord } from "../../training/model.ts";
import { newModel } from "../../training/new-model.ts";
import type { ControlPlatform } from "../platform.ts";
import { checkOffer } from "./check-offer.ts";
import { TRAIN_QUEUE, trainTaskOf } from "./message.ts";

export interface StartModelRequest {
  /** Default: a new one. Started again under the same id, it is the same model. */
  readonly id?: string;
  readonly run: RunRecord;
  readonly config: TrainConfig;
  readonly name: string;
}

/**
 * Writes down that a model is to be trained on a run's dataset and sends it on its way. What can be known to be wrong without reading the
 * data is refused, and nothing is made then: InputError("training_unfit"), ConflictError("state_conflict") for a run without a dataset.
 */
export async function startModel(platform: ControlPlatform, request: StartModelRequest): Promise<ModelRecord> {
  const { id } = request;
  const existing = id === undefined ? null : await platform.models.getModel(id);
  const model = existing ?? (await create(platform, await checked(platform, request)));
  // Again as well: whoever made it may have died before this.
  if (model.state === "preparing") await platform.queue.enqueue(TRAIN_QUEUE, [trainTaskOf("start", model.id)]);
  return model;
}

async function checked(platform: ControlPlatform, { id, run, config, name }: StartModelRequest): Promise<ModelRecord> {
  if (typeof run.dataset !== "string") throw noDataset(run);
  if (run.rehearsal && !config.allowRehearsal) throw onlyRehearsed(run);
  await checkOffer(platform, config, run);
  return newModel({
    ...(id === undefined ? {} : { id }),
    name,
    runId: run.id,
    repository: run.repository,
    commit: run.commit,
    config,
    nowMs: platform.clock.now(),
  });
}

/** Two who start one id: the first one's record counts. */
async function create({ models }: ControlPlatform, model: ModelRecord): Promise<ModelRecord> {
  try {
    await models.createModel(model);
    return model;
  } catch (error) {
    const first = error instanceof ConflictError ? await models.getModel(model.id) : null;
    if (first === null) throw error;
    return first;
  }
}

const noDataset = ({ id, state }: RunRecord): ConflictError =>
  new ConflictError("state_conflict", `Run ${id} has no dataset to train on: it is ${state}.`, {
    hint:
      state === "cancelled"
        ? "What it accepted becomes its dataset within minutes; where it accepted nothing, there is none."
        : "Wait for its end; its dataset is written then.",
  });

/** What a rehearsal made is no example of anything. */
const onlyRehearsed = ({ id }: RunRecord): InputError =>
  new InputError("training_unfit", `Run ${id} was a rehearsal: its dataset teaches nothing.`, {
    hint: "Make a run with a teacher; or set train.allowRehearsal to true to see that all parts work.",
  });
