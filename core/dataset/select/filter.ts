import type { Measure } from "./measure.ts";
import type { StoredFacts } from "./facts.ts";

/** Why a trajectory is not in the dataset: counted in the card. */
export type DropReason =
  | "unreadable"
  | "unwritable"
  | "not_submitted"
  | "duplicate"
  | "patch_lines"
  | "observation_tokens"
  | "kept_ratio"
  | "not_selected";

export interface Filters {
  /** Added plus deleted lines at most. */
  readonly maxPatchLines: number;
  /** Mean tokens of an observation at most. */
  readonly meanObservationTokens: number;
  readonly minKeptRatio: number;
  /** Where a trajectory is cut. */
  readonly contextTokens: number;
  readonly includeUnsubmitted: boolean;
}

/** The first filter that a trajectory does not pass; null when it passes all. Sources of the limits: arXiv 2601.20789. */
export function dropReason(facts: StoredFacts, measure: Measure, filters: Filters): DropReason | null {
  if (facts.exitStatus !== "submitted" && !filters.includeUnsubmitted) return "not_submitted";
  if (facts.patchLines > filters.maxPatchLines) return "patch_lines";
  if (measure.meanObservationTokens > filters.meanObservationTokens) return "observation_tokens";
  // Without one whole reply there is nothing to train on, whatever the limit.
  if (measure.keptTurns === 0 || measure.keptRatio < filters.minKeptRatio) return "kept_ratio";
  return null;
}
