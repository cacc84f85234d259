import type { Trajectory } from "../agent/trajectory.ts";
import type { SourceFunction } from "../survey/function.ts";
import type { SampleScore } from "./sample.ts";

export const RECORD_SCHEMA = "serac.trajectory/1";

/** The internal record: one rollout of an accepted or rejected sample, with everything needed to render any format later. */
export interface TrajectoryRecord extends Trajectory {
  readonly schema: typeof RECORD_SCHEMA;
  readonly runId: string;
  readonly sampleId: string;
  /** T1 holds first rollouts, T2 second ones. */
  readonly dataset: "t1" | "t2";
  readonly function: SourceFunction;
  readonly kind: string;
  readonly replica: number;
  readonly seed: number;
  readonly repository: { readonly name: string; readonly commit: string | null };
  readonly teacher: { readonly model: string; readonly temperature: number };
  /** The text the second rollout worked from; null for T1. */
  readonly pullRequest: string | null;
  /** Null for T1 of a sample that was never scored. */
  readonly score: SampleScore | null;
  readonly accepted: boolean;
}
