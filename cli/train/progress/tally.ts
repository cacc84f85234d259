import type { TrainingEvent } from "../../../core/training/events.ts";

/** How far a training is, folded from the trainer's events; everything that progress shows comes from here. */
export interface TrainingTally {
  readonly modelId: string;
  readonly stage: string;
  /** Empty until the trainer has said it. */
  readonly device: string;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly heldOutLoss: number | null;
  readonly tokensPerSecond: number | null;
  readonly etaSeconds: number | null;
  /** Step of the newest checkpoint; null while there is none. */
  readonly checkpoint: number | null;
}

export const emptyTally = (modelId: string): TrainingTally => ({
  modelId,
  stage: "starting",
  device: "",
  step: 0,
  steps: 0,
  loss: null,
  heldOutLoss: null,
  tokensPerSecond: null,
  etaSeconds: null,
  checkpoint: null,
});

export function tallied(tally: TrainingTally, event: TrainingEvent): TrainingTally {
  switch (event.event) {
    case "started":
      return { ...tally, device: event.devices > 1 ? `${event.devices}x ${event.device}` : event.device };
    case "stage":
      return { ...tally, stage: event.stage };
    case "resumed":
      return { ...tally, step: event.step, checkpoint: event.step };
    case "step":
      return {
        ...tally,
        stage: "train",
        step: event.step,
        steps: event.steps,
        loss: event.loss,
        tokensPerSecond: event.tokensPerSecond,
        etaSeconds: event.etaSeconds,
      };
    case "held-out":
      return { ...tally, heldOutLoss: event.loss };
    case "checkpoint":
      return { ...tally, checkpoint: event.step };
    default:
      return tally;
  }
}
