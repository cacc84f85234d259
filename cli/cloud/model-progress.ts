import { rough } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { joined } from "../progress/wording.ts";
import type { CloudModel } from "../platform/cloud.ts";
import { lossText } from "../train/progress/wording.ts";

/** How far the trainer of a model in the cloud is, as a phrase; null while it has said nothing. */
export function progressPhrase({ progress, etaSeconds }: CloudModel): string | null {
  if (progress === null) return null;
  const { step, steps, loss, tokensPerSecond, detail, event } = progress;
  if (step === null || steps === null) return detail === null || detail === "" ? event : `${event}: ${detail}`;
  return joined([
    `step ${step}/${steps}`,
    loss === null ? null : `loss ${lossText(loss)}`,
    tokensPerSecond === null ? null : `${rough(tokensPerSecond)} tokens/s`,
    etaSeconds === null ? null : `${duration(etaSeconds * 1000)} left`,
  ]);
}

export function progressText(model: CloudModel): string {
  const phrase = model.state === "training" ? progressPhrase(model) : null;
  return phrase === null ? "" : `  progress    ${phrase}\n`;
}
