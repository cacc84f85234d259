import type { TrainingEvent } from "../../../core/training/events.ts";
import { bytes } from "../../format/bytes.ts";
import { count, counted, rough } from "../../format/count.ts";
import { duration } from "../../format/duration.ts";
import type { TrainingTally } from "./tally.ts";

/** The parts of a report on a training, each a short phrase. */

export const stepsPhrase = ({ step, steps, stage }: TrainingTally): string => (steps === 0 ? stage : `step ${count(step)}/${count(steps)}`);

export const lossPhrase = ({ loss, heldOutLoss }: TrainingTally): string | null =>
  [...(loss === null ? [] : [`loss ${lossText(loss)}`]), ...(heldOutLoss === null ? [] : [`held-out ${lossText(heldOutLoss)}`])].join(
    " · ",
  ) || null;

export const speedPhrase = ({ tokensPerSecond }: TrainingTally): string | null =>
  tokensPerSecond === null ? null : `${rough(tokensPerSecond)} tokens/s`;

export const leftPhrase = ({ etaSeconds }: TrainingTally): string | null =>
  etaSeconds === null ? null : `${duration(etaSeconds * 1000)} left`;

export const checkpointPhrase = ({ checkpoint }: TrainingTally): string | null =>
  checkpoint === null ? null : `checkpoint at step ${count(checkpoint)}`;

export const lossText = (loss: number): string => loss.toFixed(4);

/** What is worth a sentence of its own; null for what the figures show. */
export function sentence(event: TrainingEvent): string | null {
  switch (event.event) {
    case "prepared":
      return `${counted(event.samples, "trajectory", "trajectories")} to train on, ${count(event.heldOut)} held out: ${rough(event.tokens)} tokens, ${rough(event.trainedTokens)} of them trained; the longest has ${count(event.maxTokens)}${leftOut(event)}`;
    case "resumed":
      return `Going on from step ${count(event.step)}${event.passedOver.length === 0 ? "" : `; not whole, and passed over: ${event.passedOver.join(", ")}`}`;
    case "held-out":
      return `Loss on what is held out, at step ${count(event.step)}: ${lossText(event.loss)}`;
    case "checkpoint":
      return `Checkpoint at step ${count(event.step)}: ${bytes(event.bytes)} in ${event.saveSeconds.toFixed(1)} s`;
    default:
      return null;
  }
}

function leftOut({ cut, dropped }: TrainingEvent & { readonly event: "prepared" }): string {
  const reasons = Object.entries(dropped).filter(([, rows]) => rows > 0);
  return [
    cut === 0 ? "" : `; ${count(cut)} cut at the window`,
    reasons.length === 0 ? "" : `; left out: ${reasons.map(([reason, rows]) => `${reason} ${count(rows)}`).join(", ")}`,
  ].join("");
}
