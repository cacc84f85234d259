import type { TrainingMachine } from "../config/cloud/machines.ts";

/** The machines that one training runs on. */
export interface MachineChoice {
  readonly machine: TrainingMachine;
  readonly nodes: number;
  readonly capacity: "spot" | "on-demand" | "block";
  /** GPUs of one machine. */
  readonly gpus: number;
  /** GPUs that share one sequence. */
  readonly sequenceParallel: number;
}
