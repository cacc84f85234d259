import { createReadStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DATASET_MANIFEST } from "../../core/dataset/manifest.ts";
import { InputError } from "../../core/errors/index.ts";
import { readTrainingData, type TrainingData, writeTrainingData } from "../../core/training/data.ts";
import { jobOf, jobText } from "../../core/training/job-of.ts";
import { MODEL_STATES, type ModelRecord } from "../../core/training/model.ts";
import { dataPrefix, jobKey } from "../../core/training/names.ts";
import { openDatasetFolder, type State } from "../platform.ts";
import { version } from "../version.ts";
import type { Source } from "./source.ts";

export interface PreparedModel {
  readonly prepared: ModelRecord;
  /** For a person. */
  readonly notes: readonly string[];
}

/**
 * Makes the model, its own copy of the data, and its job, which are never changed again. Nothing is left of one whose data is refused:
 * InputError("training_unfit"), InputError("dataset_invalid").
 */
export async function prepareModel(state: State, model: ModelRecord, source: Source): Promise<PreparedModel> {
  await state.platform.models.createModel(model);
  try {
    return await writeModel(state, model, source);
  } catch (error) {
    if (error instanceof InputError) await forgetModel(state, model);
    throw error;
  }
}

/** The same for a model that is there, and whose preparation was broken off. */
export async function writeModel(state: State, model: ModelRecord, source: Source): Promise<PreparedModel> {
  const { platform } = state;
  const { data, templateSha256, notes } = await (source.run === null
    ? copyData(platform, model, source.folder)
    : writeTrainingData(platform, model, { sink: await openDatasetFolder(join(state.modelDirectory(model.id), "data")), version }));
  const base = { source: model.config.base, name: model.config.base };
  const job = jobOf({ ...model, data, templateSha256 }, base, version);
  await platform.artifacts.put(jobKey(model.id), Buffer.from(jobText(job)));
  return { prepared: await platform.models.changeModel(model.id, ["preparing"], { data, templateSha256 }), notes };
}

/** As if it had never been. */
export async function forgetModel(state: State, { id }: ModelRecord): Promise<void> {
  await rm(state.modelDirectory(id), { recursive: true, force: true });
  await state.platform.models.removeModel(id, MODEL_STATES);
}

const ROWS = /^t[12]\/train-\d{5}\.jsonl$/;

/** A model keeps its own rows, whatever becomes of the folder. */
async function copyData({ artifacts }: State["platform"], model: ModelRecord, folder: string): Promise<TrainingData> {
  const prefix = dataPrefix(model.id);
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll("\\", "/")).filter((name) => ROWS.test(name));
  for (const name of names.toSorted()) await artifacts.put(prefix + name, createReadStream(join(folder, name)));
  await artifacts.put(prefix + DATASET_MANIFEST, createReadStream(join(folder, DATASET_MANIFEST)));
  return readTrainingData(artifacts, model);
}
