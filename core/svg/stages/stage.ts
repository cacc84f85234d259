import type { BaseSnapshot } from "../../agent/sandbox.ts";
import type { EventSink } from "../events.ts";
import type { Platform } from "../platform.ts";
import type { SampleRecord, SampleState } from "../sample.ts";
import type { RunRecord, SampleChange } from "../store.ts";

/** What every sample of a run shares. Loaded once a worker. */
export interface RunContext {
  readonly record: RunRecord;
  readonly base: BaseSnapshot;
  readonly demonstrations: readonly string[];
}

export interface StageContext {
  readonly platform: Platform;
  readonly run: RunContext;
  /** Aborted on Ctrl-C, on a lost lease, when the run stops. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; a stage that cannot finish before returns `continue`. */
  readonly deadlineMs: number;
  readonly onEvent: EventSink;
}

export interface StageResult {
  readonly to: SampleState;
  /** Without the cost: that is what the journals say, see `moveSample`. */
  readonly change: Omit<SampleChange, "costMicroUsd">;
}

/** Does what the sample's state calls for. Replays from the journal: calling it again repeats no paid call. */
export type Stage = (sample: SampleRecord, context: StageContext) => Promise<StageResult | "continue">;
