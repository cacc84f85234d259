import { readTrainingData } from "../../training/data.ts";
import type { ModelChange, ModelRecord } from "../../training/model.ts";
import { dataPrefix } from "../../training/names.ts";
import type { ControlPlatform, Workshop } from "../platform.ts";

/** Written last: where it lies, the data is whole. */
const CARD = "README.md";

/**
 * The model's own copy of what it is trained on, made once: whatever becomes of the run later, a try that comes again trains on the same.
 * InputError: training_unfit, dataset_invalid.
 */
export async function writtenData(
  platform: ControlPlatform,
  workshop: Workshop,
  model: ModelRecord,
  signal: AbortSignal,
): Promise<ModelChange> {
  const isWritten = await platform.artifacts.exists(`${dataPrefix(model.id)}${CARD}`);
  const { data, templateSha256 } = isWritten
    ? await readTrainingData(platform.artifacts, model)
    : await workshop.exportTrainingData(model, signal);
  return { data, templateSha256 };
}
