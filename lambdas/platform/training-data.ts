import { writeTrainingData, type TrainingData } from "../../core/training/data.ts";
import type { ModelRecord } from "../../core/training/model.ts";
import { dataPrefix } from "../../core/training/names.ts";
import { createS3DatasetSink } from "../../drivers/s3/index.ts";
import { stateEnvironment } from "../environment.ts";
import { s3Client } from "./clients.ts";
import { controlPlatform } from "./state.ts";

/** The rows that a model is trained on, in a folder of its own: what becomes of the run's dataset later is nothing to it. */
export async function exportTrainingData(model: ModelRecord, signal: AbortSignal): Promise<TrainingData> {
  const { bucket, version } = stateEnvironment(process.env);
  const sink = createS3DatasetSink({ client: s3Client(), bucket, prefix: dataPrefix(model.id) });
  return writeTrainingData(controlPlatform(), model, { sink, version, hooks: { signal } });
}
