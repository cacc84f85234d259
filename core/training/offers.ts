import { TRAINING_MACHINES, type TrainingMachine } from "../config/cloud/machines.ts";
import { MACHINE_CAPACITIES, type MachineCapacity, type TrainingSettings } from "../config/cloud/training.ts";
import { machineFacts } from "./machines.ts";

/** A machine type that one may train on. */
export interface MachineOffer {
  readonly machine: TrainingMachine;
  /** At once. */
  readonly maxMachines: number;
  readonly capacities: readonly MachineCapacity[];
  /** Whether several of them may work on one model. */
  readonly isTogether: boolean;
}

/** What a deployment has queues for. */
export const offersOf = ({ machines }: TrainingSettings): readonly MachineOffer[] =>
  machines.map(({ machine, maxMachines, queues, jobDefinitions }) => ({
    machine,
    maxMachines,
    capacities: MACHINE_CAPACITIES.filter((capacity) => queues[capacity] !== undefined),
    isTogether: jobDefinitions.manyNodes !== undefined,
  }));

/** Where no deployment says what there is. */
export const EVERY_MACHINE: readonly MachineOffer[] = TRAINING_MACHINES.map((machine) => ({
  machine,
  maxMachines: 16,
  capacities: MACHINE_CAPACITIES.filter((capacity) => capacity !== "block" || machineFacts(machine).blockUsd !== null),
  isTogether: machineFacts(machine).hasEfa,
}));
