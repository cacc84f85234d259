import type { RunState, Spend, StateCount } from "./store.ts";

/** Where a run stands; the body of `status --json` and of the final event. */
export interface RunSummary {
  readonly runId: string;
  readonly name: string;
  readonly state: RunState;
  readonly detail: string | null;
  readonly rehearsal: boolean;
  readonly repository: string;
  readonly commit: string | null;
  readonly functions: number;
  readonly planned: number;
  /** Samples in a final state. */
  readonly done: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly failed: number;
  readonly counts: readonly StateCount[];
  /** Over scored samples: ten bins [0,0.1) … [0.9,1]. */
  readonly recallHistogram: readonly number[];
  readonly recallMean: number | null;
  readonly spend: Spend;
  readonly createdAt: string;
  readonly updatedAt: string;
}
