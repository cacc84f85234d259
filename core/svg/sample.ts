import type { SourceFunction } from "../survey/function.ts";

/** Sample life: planned -> first -> judged -> described -> second -> scored -> one of the final states. */
export const SAMPLE_STATES = ["planned", "first", "judged", "described", "second", "scored", "accepted", "rejected", "failed"] as const;
export type SampleState = (typeof SAMPLE_STATES)[number];

export const FINAL_STATES: readonly SampleState[] = ["accepted", "rejected", "failed"];
export const OPEN_STATES: readonly SampleState[] = SAMPLE_STATES.filter((state) => !FINAL_STATES.includes(state));

/** Why a sample was rejected or failed: a closed list, counted and shown. */
export const SAMPLE_REASONS = [
  "no_change",
  "judged_bad",
  "leak",
  "duplicate",
  "nothing_to_verify",
  "second_no_change",
  "low_recall",
  "bad_verdict",
  "bad_description",
  "rollout_incomplete",
  "teacher_refused",
  "teacher_unreachable",
  "environment",
  "internal",
] as const;
export type SampleReason = (typeof SAMPLE_REASONS)[number];

/** (function, bug kind, replica) on its way through the two rollouts. Plain JSON. */
export interface SampleRecord {
  readonly id: string;
  readonly runId: string;
  /** Position in the plan, from 0. */
  readonly index: number;
  readonly function: SourceFunction;
  /** Kinds in the order in which attempts take them: the first is the planned one, the others are for retries. */
  readonly kinds: readonly string[];
  readonly replica: number;
  readonly seed: number;
  readonly state: SampleState;
  readonly reason: SampleReason | null;
  /** For a person. */
  readonly detail: string | null;
  /** First rollouts begun, from 0. */
  readonly attempts: number;
  readonly firstRolloutId: string | null;
  /** The judge said yes to the first rollout: its trajectory belongs to T1. */
  readonly firstAccepted: boolean;
  /** What the second rollout works from; null until described. */
  readonly pullRequest: string | null;
  readonly secondRolloutId: string | null;
  readonly score: SampleScore | null;
  readonly costMicroUsd: number;
  /** ISO 8601. */
  readonly updatedAt: string;
}

export interface SampleScore {
  readonly recall: number;
  readonly precision: number | null;
  readonly matched: number;
  readonly targetLines: number;
  readonly candidateLines: number;
  /** The same by SERA's rule; null where that rule finds no target lines. */
  readonly recallSera: number | null;
}

/** The bug kind of the sample's newest first rollout. Repeats of a failed attempt keep the last kind. */
export function kindOf(sample: Pick<SampleRecord, "kinds" | "attempts">): string {
  const kind = sample.kinds[Math.min(Math.max(sample.attempts, 1), sample.kinds.length) - 1];
  if (kind === undefined) throw new RangeError("A sample has at least one bug kind.");
  return kind;
}
