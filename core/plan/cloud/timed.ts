import type { Range } from "../range.ts";

export interface Timing extends Range {
  readonly what: string;
}

/** Nothing asserts on these. On AWS table and objects answer faster than an emulator on two busy cores, and the function has less CPU. */
export const TIME_SOURCE =
  "timed by `npm run bench -- functions` on ministack, 2026-11-21, 2 cores of Intel(R) Xeon(R) Processor, busy with other work";

/** What serac's own functions take beside the teacher's replies, the commands and the start of machines. */
export const TIMED = {
  callSeconds: { what: "seconds of the worker's own for a call (low: its CPU alone)", low: 0.054, likely: 1.2, high: 1.8 },
  rolloutSeconds: { what: "seconds of the worker's own for a rollout, beside its calls", low: 4, likely: 5.1, high: 5.1 },
  taskSeconds: { what: "seconds of the worker's own for a task, beside its rollouts", low: 2.8, likely: 5.9, high: 5.9 },
  preparedSeconds: { what: "seconds of the prepare function for a sample", low: 0.001, likely: 0.002, high: 0.01 },
  finishedSeconds: { what: "seconds of the finish function for a sample", low: 0.33, likely: 0.67, high: 1.3 },
} as const satisfies Record<string, Timing>;
