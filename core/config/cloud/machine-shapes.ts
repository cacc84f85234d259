import type { TrainingMachine } from "./machines.ts";

/** What AWS Batch and EC2 have to be told of a machine. */
export interface MachineShape {
  readonly vcpus: number;
  /** GiB, as EC2 names it; what jobs can have of it is less, see `jobMemoryMib`. */
  readonly memoryGib: number;
  readonly gpus: number;
  /** Network cards that an Elastic Fabric Adapter can be put on; 0: machines of this type do not train together. */
  readonly efaCards: number;
}

/**
 * Of AWS, "Amazon EC2 instance types: accelerated computing specifications" (vCPUs, memory, GPUs, EFA support, network cards). A type
 * with one card has one adapter.
 */
export const MACHINE_SHAPES: Readonly<Record<TrainingMachine, MachineShape>> = {
  "g6e.xlarge": { vcpus: 4, memoryGib: 32, gpus: 1, efaCards: 0 },
  "g6e.12xlarge": { vcpus: 48, memoryGib: 384, gpus: 4, efaCards: 1 },
  "g6e.48xlarge": { vcpus: 192, memoryGib: 1536, gpus: 8, efaCards: 4 },
  "p4d.24xlarge": { vcpus: 96, memoryGib: 1152, gpus: 8, efaCards: 4 },
  "p4de.24xlarge": { vcpus: 96, memoryGib: 1152, gpus: 8, efaCards: 4 },
  "p5.48xlarge": { vcpus: 192, memoryGib: 2048, gpus: 8, efaCards: 32 },
  "p5en.48xlarge": { vcpus: 192, memoryGib: 2048, gpus: 8, efaCards: 16 },
};

/** Of the memory that EC2 names, the kernel and the agent of ECS keep some: a job that asks for all of it waits for ever (AWS Batch, "Compute resource memory management"). */
const JOBS_SHARE = 0.9;

export const jobMemoryMib = ({ memoryGib }: MachineShape): number => Math.floor(memoryGib * 1024 * JOBS_SHARE);
