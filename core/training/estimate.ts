import type { MachineCapacity } from "../config/cloud/training.ts";
import type { TrainConfig } from "../config/schema.ts";
import { InputError } from "../errors/index.ts";
import { rangeOf, timesOf, type Range } from "../plan/range.ts";
import type { Source } from "../plan/sources.ts";
import { parametersOf, type BaseFacts } from "./base-facts.ts";
import { chooseMachine } from "./choose-machine.ts";
import { sourcesOfEstimate } from "./estimate-sources.ts";
import type { ExpectedLoad } from "./expected-load.ts";
import type { MachineChoice } from "./machine-choice.ts";
import { machineFacts, PRICES, usdAnHour } from "./machines.ts";
import { memoryNeed, trainedParameters } from "./memory.ts";
import type { MachineOffer } from "./offers.ts";
import { besideHours, SPOT_REPEATS, stepHours, trainingFlops } from "./speed.ts";

export interface MachineEstimate {
  readonly choice: MachineChoice;
  /** From the start of the machines to the end, without waiting for them. */
  readonly hours: Range;
  /** Steps alone, of all GPUs together. */
  readonly gpuHours: Range;
  /** By how the machines are bought; null where these are not sold so. */
  readonly usd: Readonly<Record<MachineCapacity, Range | null>>;
  /** Of one GPU. */
  readonly needBytes: number;
  readonly haveBytes: number;
}

/** Plain JSON. */
export interface TrainingEstimate {
  readonly base: string;
  readonly method: TrainConfig["method"];
  readonly parameters: number;
  readonly trainedParameters: number;
  /** Of one epoch. */
  readonly rows: Range;
  readonly tokens: Range;
  readonly epochs: number;
  readonly flops: Range;
  /** What would be taken; null when nothing fits, which `unfit` tells. */
  readonly chosen: MachineEstimate | null;
  readonly unfit: { readonly message: string; readonly hint: string | null } | null;
  /** Every machine that fits, the cheapest first. */
  readonly machines: readonly MachineEstimate[];
  /** Of which day they are, and where from: sentences for a person. */
  readonly prices: Readonly<Record<keyof typeof PRICES, string>>;
  readonly sources: readonly Source[];
}

export interface TrainingEstimateRequest {
  readonly train: TrainConfig;
  readonly base: BaseFacts;
  readonly load: ExpectedLoad;
  /** Of the deployment, or EVERY_MACHINE. */
  readonly offers: readonly MachineOffer[];
}

/** Tokens, work, hours and dollars of a training before it is started, on each machine that holds it. */
export function estimateTraining(request: TrainingEstimateRequest): TrainingEstimate {
  const { train, base, load, offers } = request;
  const flops = flopsOf(request);
  const freely = { ...train, machine: "auto" } as const;
  const machines = offers.flatMap((offer) => {
    const tried = attempt({ base, train: freely, offers: [offer], load: null });
    return tried.choice === null ? [] : [estimateOn(tried.choice, request, flops)];
  });
  const { choice, unfit } = attempt({ base, train, offers, load: { rows: load.rows.likely, tokens: load.tokens.likely } });
  return {
    base: train.base,
    method: train.method,
    parameters: parametersOf(base),
    trainedParameters: trainedParameters(base, train),
    rows: load.rows,
    tokens: load.tokens,
    epochs: train.epochs,
    flops,
    chosen: choice === null ? null : estimateOn(choice, request, flops),
    unfit,
    machines: machines.toSorted((a, b) => likelyUsd(a).likely - likelyUsd(b).likely),
    prices: PRICES,
    sources: sourcesOfEstimate(train, load, [...new Set(machines.map((one) => machineFacts(one.choice.machine).link))]),
  };
}

/** USD as the machines of the choice are bought. */
export const likelyUsd = ({ choice, usd }: MachineEstimate): Range => usd[choice.capacity] ?? usd["on-demand"]!;

function attempt(request: Parameters<typeof chooseMachine>[0]): {
  readonly choice: MachineChoice | null;
  readonly unfit: TrainingEstimate["unfit"];
} {
  try {
    return { choice: chooseMachine(request), unfit: null };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { choice: null, unfit: { message: error.message, hint: error.hint ?? null } };
  }
}

const flopsOf = ({ base, train, load }: TrainingEstimateRequest): Range =>
  rangeOf((scenario) => trainingFlops(base, train, { rows: load.rows[scenario], tokens: load.tokens[scenario] }));

function estimateOn(choice: MachineChoice, { base, train, load }: TrainingEstimateRequest, flops: Range): MachineEstimate {
  const { machine, nodes, gpus, sequenceParallel } = choice;
  const steps = rangeOf((scenario) => stepHours(flops[scenario], choice)[scenario]);
  const hours = rangeOf(
    (scenario) =>
      steps[scenario] + besideHours(base, train, { rows: load.rows[scenario], tokens: load.tokens[scenario] }, choice)[scenario],
  );
  const usd = (capacity: MachineCapacity): Range =>
    rangeOf((scenario) => {
      const paid = hours[scenario] * (capacity === "spot" ? SPOT_REPEATS[scenario] : 1);
      return paid * nodes * usdAnHour(machine, capacity)[scenario];
    });
  const { gpuBytes, blockUsd } = machineFacts(machine);
  return {
    choice,
    hours,
    gpuHours: timesOf(steps, gpus * nodes),
    usd: { spot: nodes === 1 ? usd("spot") : null, "on-demand": usd("on-demand"), block: blockUsd === null ? null : usd("block") },
    needBytes: Math.round(memoryNeed(base, train, { gpus: gpus * nodes, sequenceParallel }).bytes),
    haveBytes: gpuBytes,
  };
}
