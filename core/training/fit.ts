import type { TrainingMachine } from "../config/cloud/machines.ts";
import type { TrainConfig } from "../config/schema.ts";
import type { BaseFacts } from "./base-facts.ts";
import { machineFacts } from "./machines.ts";
import { diskNeed, hostMemoryNeed, memoryNeed, USABLE_SHARE } from "./memory.ts";
import type { MachineOffer } from "./offers.ts";

/** How a training lies on machines of one type. */
export interface Fit {
  readonly gpus: number;
  readonly sequenceParallel: number;
  /** Of one GPU. */
  readonly needBytes: number;
  readonly haveBytes: number;
}

export type Fitting = Fit | { readonly refusal: string };

/**
 * With the fewest GPUs for one sequence that do: sharing it costs time. The groups of GPUs must share a batch evenly, as the trainer does
 * (batch-images/sft/serac_sft/distributed.py).
 */
export function fitOf(base: BaseFacts, train: TrainConfig, offer: Pick<MachineOffer, "machine" | "maxMachines" | "isTogether">): Fitting {
  const { machine, maxMachines, isTogether } = offer;
  const { nodes } = train;
  if (nodes > maxMachines) return { refusal: `${machine} is offered ${maxMachines} at once, not ${nodes}` };
  if (nodes > 1 && !isTogether) return { refusal: `${machine} has no network to train on several together` };
  const { gpus, memoryBytes, nvmeBytes } = machineFacts(machine);
  if (hostMemoryNeed(base, train) > memoryBytes * 0.9) {
    return { refusal: `${machine} has ${gb(memoryBytes)} of memory, and reading the base takes ${gb(hostMemoryNeed(base, train))}` };
  }
  if (diskNeed(base, train) > nvmeBytes) {
    return { refusal: `${machine} has ${gb(nvmeBytes)} of disk, and base and checkpoints take ${gb(diskNeed(base, train))}` };
  }
  return onGpus(base, train, machine, gpus * nodes);
}

function onGpus(base: BaseFacts, train: TrainConfig, machine: TrainingMachine, all: number): Fitting {
  const { gpus, gpuBytes } = machineFacts(machine);
  const haveBytes = Math.floor(gpuBytes * USABLE_SHARE);
  const even = sharings(gpus).filter((sequenceParallel) => train.batchSize % (all / sequenceParallel) === 0);
  if (even.length === 0) {
    return { refusal: `${machine} has ${all} GPUs, which cannot share a batch of ${train.batchSize} evenly` };
  }
  const needs = even.map((sequenceParallel) => ({
    sequenceParallel,
    needBytes: memoryNeed(base, train, { gpus: all, sequenceParallel }).bytes,
  }));
  const fitting = needs.find(({ needBytes }) => needBytes <= haveBytes);
  if (fitting !== undefined) return { gpus, haveBytes, ...fitting };
  const least = Math.min(...needs.map(({ needBytes }) => needBytes));
  return { refusal: `${machine} has ${gb(haveBytes)} on each of ${all} GPUs, and ${gb(least)} are needed` };
}

/** Powers of two up to the GPUs of one machine: over the network, sharing a sequence would take longer than it saves. */
const sharings = (gpus: number): readonly number[] => [1, 2, 4, 8].filter((sequenceParallel) => gpus % sequenceParallel === 0);

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(0)} GB`;
