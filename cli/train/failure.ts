import { InputError, SeracError } from "../../core/errors/index.ts";
import { BAD_INPUT_FAILURES, type TrainingEvent } from "../../core/training/events.ts";

/** The error that the trainer's last word stands for. */
export function failureOf(last: TrainingEvent | null, goOn: string): SeracError {
  if (last?.event !== "failed")
    return new SeracError("training_failed", "The trainer ended without a model, and without a reason.", {
      hint: `Its log says more. Go on with \`${goOn}\`.`,
    });
  const message = `${last.message} (${last.code})`;
  if (BAD_INPUT_FAILURES.includes(last.code))
    return new InputError("training_failed", message, last.hint === null ? {} : { hint: last.hint });
  const again = `When the cause is mended, \`${goOn}\` goes on from the last checkpoint.`;
  return new SeracError("training_failed", message, { hint: last.hint === null ? again : `${last.hint} ${again}` });
}
