import type { SELECTIONS } from "../../config/schema.ts";
import { digest, wholeNumber } from "../../plan/random.ts";

export type Selection = (typeof SELECTIONS)[number];

export interface Candidate {
  /** Position of its sample in the plan. */
  readonly index: number;
  readonly ratio: number;
  readonly functionId: string;
}

/**
 * The positions of at most `limit` candidates: those of which most was kept (`ratio`), a draw that only the seed decides (`random`), or
 * one of every function before a second of any, best kept first (`balanced`). Ties go to the earlier sample.
 */
export function choose(candidates: readonly Candidate[], limit: number, how: Selection, seed: number): ReadonlySet<number> {
  const ordered = how === "random" ? inDrawnOrder(candidates, seed) : how === "ratio" ? candidates.toSorted(byRatio) : inTurns(candidates);
  return new Set(ordered.slice(0, limit).map((candidate) => candidate.index));
}

function byRatio(a: Candidate, b: Candidate): number {
  return b.ratio - a.ratio || a.index - b.index;
}

function inDrawnOrder(candidates: readonly Candidate[], seed: number): readonly Candidate[] {
  // A key depends on nothing but the seed and the position, whoever else is a candidate.
  const keys = new Map(candidates.map(({ index }) => [index, wholeNumber(digest("export", seed, index))]));
  return candidates.toSorted((a, b) => keys.get(a.index)! - keys.get(b.index)! || a.index - b.index);
}

function inTurns(candidates: readonly Candidate[]): readonly Candidate[] {
  const taken = new Map<string, number>();
  const rounds = new Map<number, number>();
  const best = candidates.toSorted(byRatio);
  for (const { index, functionId } of best) {
    const round = taken.get(functionId) ?? 0;
    taken.set(functionId, round + 1);
    rounds.set(index, round);
  }
  // A stable sort keeps the best first within a round.
  return best.toSorted((a, b) => rounds.get(a.index)! - rounds.get(b.index)!);
}
