import type { TrainConfig } from "../config/schema.ts";
import type { BaseFacts } from "./base-facts.ts";
import { fitOf } from "./fit.ts";
import { EVERY_MACHINE, type MachineOffer } from "./offers.ts";

const SHOWN = 3;

/** One sentence with the smallest changes that make a training fit: of the settings first, then of what is offered. */
export function whatWouldFit(base: BaseFacts, train: TrainConfig, offers: readonly MachineOffer[]): string {
  const found = [...changes(train).flatMap((change) => told(base, change, offers)), ...others(base, train, offers)];
  if (found.length === 0) return "Take a smaller base.";
  return `What would fit: ${found.slice(0, SHOWN).join("; ")}.`;
}

interface Change {
  readonly text: string;
  readonly train: TrainConfig;
}

function changes(train: TrainConfig): readonly Change[] {
  const freely = { ...train, machine: "auto" } as const;
  const half = Math.floor(train.contextTokens / 2);
  const batches = train.batchSize % 8 === 0 ? [] : [Math.ceil(train.batchSize / 8) * 8];
  return [
    ...(train.machine === "auto" ? [] : [{ text: "train.machine: auto", train: freely }]),
    ...batches.map((batchSize) => ({ text: `train.batchSize: ${batchSize}`, train: { ...train, batchSize } })),
    ...(train.method === "full" ? [{ text: "train.method: lora", train: { ...freely, method: "lora" as const } }] : []),
    ...[2, 4].filter((nodes) => nodes > train.nodes).map((nodes) => ({ text: `train.nodes: ${nodes}`, train: { ...freely, nodes } })),
    ...(half >= 8192 ? [{ text: `train.contextTokens: ${half}`, train: { ...train, contextTokens: half } }] : []),
  ];
}

function told(base: BaseFacts, { text, train }: Change, offers: readonly MachineOffer[]): string[] {
  const wanted = offers.filter(({ machine }) => train.machine === "auto" || machine === train.machine);
  const offer = wanted.find((one) => !("refusal" in fitOf(base, train, one)));
  return offer === undefined ? [] : [`${text} (on ${offer.machine})`];
}

/** Machines that are not offered, one or several. */
function others(base: BaseFacts, train: TrainConfig, offers: readonly MachineOffer[]): string[] {
  const offered = new Set(offers.map(({ machine }) => machine));
  return [1, 2, 4].flatMap((nodes) =>
    EVERY_MACHINE.filter(({ machine }) => !offered.has(machine))
      .filter((offer) => !("refusal" in fitOf(base, { ...train, nodes, machine: "auto" }, offer)))
      .slice(0, 1)
      .map(({ machine }) => `${nodes === 1 ? "a" : nodes} ${machine}, which the deployment would have to offer`),
  );
}
