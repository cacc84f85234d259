import { trainingEventSchema, type TrainingEvent } from "./events.ts";

/** The end that the trainer told of. */
export type TrainingResult = Extract<TrainingEvent, { event: "published" | "failed" }>;

/** Of one event. `published` is the longest, with a sentence for each gate. */
export const MAX_EVENT_BYTES = 1 << 18;

/** One line of what the trainer writes; null for what is no event that we know: a library's own output, or a newer trainer's. */
export function readTrainingEvent(line: string): TrainingEvent | null {
  if (!line.startsWith("{") || line.length > MAX_EVENT_BYTES) return null;
  try {
    return trainingEventSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** result.json; null when it holds no end. */
export function resultOf(content: Uint8Array): TrainingResult | null {
  const event = progressOf(content);
  return event?.event === "published" || event?.event === "failed" ? event : null;
}

/** progress.json; null when it holds no event. */
export const progressOf = (content: Uint8Array): TrainingEvent | null =>
  content.byteLength > MAX_EVENT_BYTES ? null : readTrainingEvent(new TextDecoder().decode(content).trim());
