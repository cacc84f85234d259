import { type TrainingEvent, trainingEventSchema } from "../../core/training/events.ts";

/** Null for a line that is no event, or one that this serac does not know. */
export function readTrainingEvent(line: string): TrainingEvent | null {
  if (!line.startsWith("{")) return null;
  try {
    const read = trainingEventSchema.safeParse(JSON.parse(line));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
