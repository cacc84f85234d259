import type { TrainConfig } from "../config/schema.ts";
import { InputError } from "../errors/index.ts";
import type { BaseFacts } from "./base-facts.ts";
import { fitOf, type Fit } from "./fit.ts";
import type { MachineChoice } from "./machine-choice.ts";
import { usdAnHour, type MachineCapacity } from "./machines.ts";
import type { MachineOffer } from "./offers.ts";
import { besideHours, stepHours, trainingFlops, type TrainingLoad } from "./speed.ts";
import { whatWouldFit } from "./what-would-fit.ts";

export interface ChoiceRequest {
  readonly base: BaseFacts;
  readonly train: TrainConfig;
  readonly offers: readonly MachineOffer[];
  /** Of the data; null where it is not known yet: the cheapest an hour is taken then, and time is no reason to refuse. */
  readonly load: TrainingLoad | null;
}

/**
 * The cheapest of the offered machines that hold the model, can share its batch, and are likely to be done within train.maxHours; with
 * `train.machine` that one. InputError("training_unfit") that says what is needed, what there is, and what would do.
 */
export function chooseMachine(request: ChoiceRequest): MachineChoice {
  const { base, train, offers } = request;
  checkContext(base, train);
  checkSpot(train);
  const wanted = offers.filter(({ machine }) => train.machine === "auto" || machine === train.machine);
  if (wanted.length === 0) throw notOffered(train, offers);
  const looked = wanted.map((offer) => look(offer, request));
  const [best] = looked.flatMap((found) => ("choice" in found ? [found] : [])).toSorted((a, b) => a.usd - b.usd);
  if (best !== undefined) return best.choice;
  const reasons = looked.flatMap((found) => ("refusal" in found ? [found.refusal] : []));
  throw new InputError("training_unfit", `${what(train)} fits no machine that is offered: ${reasons.join("; ")}.`, {
    hint: whatWouldFit(base, train, offers),
  });
}

type Looked = { readonly choice: MachineChoice; readonly usd: number } | { readonly refusal: string };

function look(offer: MachineOffer, { base, train, load }: ChoiceRequest): Looked {
  const capacity = capacityOf(offer, train);
  if (capacity === null) {
    return { refusal: `${offer.machine} is offered ${offer.capacities.join(" or ")}, not ${wantedCapacity(train)}` };
  }
  const fit = fitOf(base, train, offer);
  if ("refusal" in fit) return fit;
  const choice: MachineChoice = { machine: offer.machine, nodes: train.nodes, capacity, ...parts(fit) };
  const usd = usdAnHour(offer.machine, capacity).likely * train.nodes;
  if (load === null) return { choice, usd };
  const hours = stepHours(trainingFlops(base, train, load), choice).likely + besideHours(base, train, load, choice).likely;
  if (hours <= train.maxHours) return { choice, usd: usd * hours };
  return { refusal: `${offer.machine} is likely to need ${hours.toFixed(0)} hours, more than train.maxHours (${train.maxHours})` };
}

const parts = ({ gpus, sequenceParallel }: Fit): Pick<MachineChoice, "gpus" | "sequenceParallel"> => ({ gpus, sequenceParallel });

/** Null: not offered so. */
function capacityOf({ capacities }: MachineOffer, train: TrainConfig): MachineCapacity | null {
  const order: readonly MachineCapacity[] =
    train.capacity === "auto" ? (train.nodes === 1 ? ["spot", "on-demand", "block"] : ["on-demand", "block"]) : [train.capacity];
  return order.find((capacity) => capacities.includes(capacity)) ?? null;
}

const wantedCapacity = ({ capacity, nodes }: TrainConfig): string => (capacity === "auto" && nodes > 1 ? "on-demand or block" : capacity);

function checkContext({ maxTokens }: BaseFacts, { contextTokens, base }: TrainConfig): void {
  if (maxTokens === null || contextTokens <= maxTokens) return;
  throw new InputError("training_unfit", `train.contextTokens is ${contextTokens}, and ${base} takes ${maxTokens} tokens at most.`, {
    hint: `Set train.contextTokens to ${maxTokens} or less.`,
  });
}

/** AWS Batch, "Multi-node parallel jobs": they cannot run on Spot instances. */
function checkSpot({ nodes, capacity }: TrainConfig): void {
  if (nodes === 1 || capacity !== "spot") return;
  throw new InputError("training_unfit", `train.nodes is ${nodes} and train.capacity spot: several machines together are never spot.`, {
    hint: "Set train.capacity to on-demand, block or auto, or train.nodes to 1.",
  });
}

function notOffered({ machine }: TrainConfig, offers: readonly MachineOffer[]): InputError {
  const offered = offers.map((offer) => offer.machine).join(", ");
  return new InputError("training_unfit", `train.machine is ${machine}, which is not offered here; there is ${offered || "none"}.`, {
    hint: "Take one of these, or auto; the deployment's settings say which machines there are.",
  });
}

const what = ({ base, method, contextTokens }: TrainConfig): string => `Training ${base} (${method}, ${contextTokens} tokens of context)`;
