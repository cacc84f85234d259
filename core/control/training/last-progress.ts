import { SeracError } from "../../errors/index.ts";
import type { ArtifactStore } from "../../svg/artifacts.ts";
import type { TrainingEvent } from "../../training/events.ts";
import { progressKey } from "../../training/names.ts";
import { MAX_EVENT_BYTES, progressOf } from "../../training/read-events.ts";
import { readSmall } from "../drops/read-small.ts";

/** What the trainer said last of how far it is; null when it has said nothing, or something that a newer trainer says. */
export async function lastProgress(artifacts: Pick<ArtifactStore, "stream">, modelId: string): Promise<TrainingEvent | null> {
  try {
    const bytes = await readSmall(artifacts, progressKey(modelId), MAX_EVENT_BYTES);
    return bytes === null ? null : progressOf(bytes);
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  }
}
