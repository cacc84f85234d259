import { SeracError } from "../../errors/index.ts";
import { resultKey, weightsPrefix } from "../../training/names.ts";
import { MAX_EVENT_BYTES, resultOf, type TrainingResult } from "../../training/read-events.ts";
import { readSmall } from "../drops/read-small.ts";
import type { ControlPlatform } from "../platform.ts";
import { MODEL_MANIFEST } from "./manifest.ts";

/**
 * How the trainer says that it ended; null when it did not come to say so. What it published and is not there is a failure, and so is what
 * it wrote that is no result.
 */
export async function resultIn({ artifacts, clock }: ControlPlatform, modelId: string): Promise<TrainingResult | null> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readSmall(artifacts, resultKey(modelId), MAX_EVENT_BYTES);
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  }
  const failed = (message: string): TrainingResult => ({
    ...{ event: "failed", at: new Date(clock.now()).toISOString(), code: "unexpected", message },
    hint: "The log of the job says more. Train it again; what was trained so far is in its checkpoints.",
  });
  const event = bytes === null ? null : resultOf(bytes);
  if (event?.event === "failed") return event;
  if (event === null) return failed(`The trainer left a ${artifacts.locate(resultKey(modelId))} that is no result.`);
  const manifest = `${weightsPrefix(modelId)}${MODEL_MANIFEST}`;
  return (await artifacts.exists(manifest))
    ? event
    : failed(`The trainer published the model, but ${artifacts.locate(manifest)} is missing.`);
}
