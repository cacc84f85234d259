import { InputError, SeracError } from "../../core/errors/index.ts";
import type { TrainingEvent, TrainingFailure } from "../../core/training/events.ts";

/** What only another input changes. */
const OF_THE_INPUT: ReadonlySet<TrainingFailure> = new Set([
  "base_missing",
  "base_unfit",
  "data_empty",
  "data_invalid",
  "data_mixed",
  "data_rehearsal",
  "data_too_long",
  "disk_too_small",
  "job_invalid",
  "memory_too_small",
  "parity_broken",
  "template_mismatch",
  "tokenizer_unfit",
]);

/** The error that the trainer's last word stands for. */
export function failureOf(last: TrainingEvent | null, goOn: string): SeracError {
  if (last?.event !== "failed")
    return new SeracError("training_failed", "The trainer ended without a model, and without a reason.", {
      hint: `Its log says more. Go on with \`${goOn}\`.`,
    });
  const message = `${last.message} (${last.code})`;
  if (OF_THE_INPUT.has(last.code)) return new InputError("training_failed", message, last.hint === null ? {} : { hint: last.hint });
  const again = `When the cause is mended, \`${goOn}\` goes on from the last checkpoint.`;
  return new SeracError("training_failed", message, { hint: last.hint === null ? again : `${last.hint} ${again}` });
}
