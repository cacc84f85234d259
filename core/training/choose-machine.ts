import type { MachineCapacity } from "../config/cloud/training.ts";
import type { TrainConfig } from "../config/schema.ts";
import { InputError } from "../errors/index.ts";
import type { BaseFacts } from "./base-facts.ts";
import { fitOf, type Fit } from "./fit.ts";
import type { MachineChoice } from "./machine-choice.ts";
import { usdAnHour } from "./machines.ts";
import type { MachineOffer } from "./offers.ts";
import { besideHours, SPOT_REPEATS, stepHours, trainingFlops, type TrainingLoad } from "./speed.ts";
import { whatWouldFit } from "./what-would-fit.ts";

export interface ChoiceRequest {
  readonly base: BaseFacts;
  readonly train: TrainConfig;
  readonly offers: readonly MachineOffer[];
  /** Of the data; null where it is not known yet: the cheapest an hour is taken then, and neither time nor cost is a reason to refuse. */
  readonly load: TrainingLoad | null;
}

/**
 * The cheapest of the offered machines that hold the model, can share its batch, and are likely to be done within train.maxHours and
 * train.maxUsd; with `train.machine` that one. InputError("training_unfit") that says what is needed, what there is, and what would do.
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
  const refused = looked.flatMap((found) => ("refusal" in found ? [found] : []));
  const hints = new Set(refused.flatMap(({ hint }) => hint ?? []));
  const reasons = refused.map(({ refusal }) => refusal).join("; ");
  throw new InputError("training_unfit", `Training ${what(train)} fits no machine that is offered: ${reasons}.`, {
    hint: hints.size > 0 ? [...hints].join(" ") : whatWouldFit(base, train, offers),
  });
}

type Looked =
  | { readonly choice: MachineChoice; readonly usd: number }
  /** Without a hint where the model does not lie on it, for which there are other answers. */
  | { readonly refusal: string; readonly hint?: string };

function look(offer: MachineOffer, { base, train, load }: ChoiceRequest): Looked {
  const capacity = capacityOf(offer, train);
  if (capacity === null) {
    const refusal = `${offer.machine} is offered ${offer.capacities.join(" or ")}, not ${wantedCapacity(train)}`;
    return { refusal, hint: "Set train.capacity to auto, or to what is offered." };
  }
  const fit = fitOf(base, train, offer);
  if ("refusal" in fit) return fit;
  const choice: MachineChoice = { machine: offer.machine, nodes: train.nodes, capacity, ...parts(fit) };
  const usdHour = usdAnHour(offer.machine, capacity).likely * train.nodes;
  if (load === null) return { choice, usd: usdHour };
  const hours = stepHours(trainingFlops(base, train, load), choice).likely + besideHours(base, train, load, choice).likely;
  const usd = usdHour * hours * (capacity === "spot" ? SPOT_REPEATS.likely : 1);
  return tooLong(offer, hours, train) ?? tooDear(`${offer.machine} (${capacity})`, usd, train) ?? { choice, usd };
}

const LESS = "train fewer rows or epochs or a smaller base, or on another machine; `serac estimate` compares them.";

function tooLong({ machine }: MachineOffer, hours: number, { maxHours }: TrainConfig): Looked | null {
  if (hours <= maxHours) return null;
  const refusal = `${machine} is likely to need ${hours.toPrecision(2)} hours, more than train.maxHours (${maxHours})`;
  return { refusal, hint: `Raise train.maxHours, ${LESS}` };
}

function tooDear(machine: string, usd: number, { maxUsd }: TrainConfig): Looked | null {
  if (maxUsd === undefined || usd <= maxUsd) return null;
  const refusal = `${machine} is likely to cost $${usd.toFixed(2)}, more than train.maxUsd ($${maxUsd})`;
  return { refusal, hint: `Raise train.maxUsd, ${LESS}` };
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

const what = ({ base, method, contextTokens }: TrainConfig): string => `${base} (${method}, ${contextTokens} tokens of context)`;
