/** EC2 instance types that can train. Their GPUs stand in core/training/machines.ts, beside their prices. */
export const TRAINING_MACHINES = [
  "g6e.xlarge",
  "g6e.12xlarge",
  "g6e.48xlarge",
  "p4d.24xlarge",
  "p4de.24xlarge",
  "p5.48xlarge",
  "p5en.48xlarge",
] as const;
export type TrainingMachine = (typeof TRAINING_MACHINES)[number];
