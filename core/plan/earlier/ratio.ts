import type { Range } from "../range.ts";

/** Another repository, another hour of the teacher's day: no measurement is closer to the next run than this share. */
const LEAST_SPREAD = 0.1;
const STANDARD_ERRORS = 2;

/** `of` for each `per`, such as tokens for each call; of one rollout or one sample. */
export interface Pair {
  readonly of: number;
  readonly per: number;
}

/**
 * The ratio of the sums, and two standard errors around it, by the usual estimator of a ratio (Cochran, Sampling Techniques, 6.4): rollouts
 * differ, the calls of one are alike. Null where there is nothing to divide by. Never below 0.
 */
export function ratioOf(pairs: readonly Pair[]): Range | null {
  const per = pairs.reduce((sum, pair) => sum + pair.per, 0);
  if (per <= 0) return null;
  const ratio = pairs.reduce((sum, pair) => sum + pair.of, 0) / per;
  const count = pairs.length;
  const squares = pairs.reduce((sum, pair) => sum + (pair.of - ratio * pair.per) ** 2, 0);
  const error = count < 2 ? ratio : Math.sqrt((squares * count) / (count - 1)) / per;
  const spread = Math.max(LEAST_SPREAD * ratio, STANDARD_ERRORS * error);
  return { low: Math.max(0, ratio - spread), likely: ratio, high: ratio + spread };
}
