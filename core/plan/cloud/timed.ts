import type { Range } from "../range.ts";

export interface Timing extends Range {
  readonly what: string;
}

/**
 * Nothing asserts on these. Low and likely: one worker at a time; high: four at once. On AWS table and objects answer faster than an emulator
 * on two busy cores, and a function of 256 MB has less CPU.
 */
export const TIME_SOURCE =
  "timed by `npm run bench -- functions` on ministack, 2026-11-21, 2 cores of Intel(R) Xeon(R) Processor, busy with other work";

/** What serac's own functions take beside the teacher's replies, the commands and the start of machines. */
export const TIMED = {
  callSeconds: { what: "seconds of the worker's own for a call (low: its CPU alone)", low: 0.022, likely: 0.12, high: 1.2 },
  rolloutSeconds: { what: "seconds of the worker's own for a rollout, beside its calls", low: 0.92, likely: 0.92, high: 5.1 },
  taskSeconds: { what: "seconds of the worker's own for a task, beside its rollouts", low: 0.33, likely: 0.33, high: 5.9 },
  preparedSeconds: { what: "seconds of the prepare function for a sample", low: 0.0037, likely: 0.0064, high: 0.013 },
  finishedSeconds: { what: "seconds of the finish function for a sample", low: 0.39, likely: 0.67, high: 2 },
} as const satisfies Record<string, Timing>;
