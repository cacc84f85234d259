/**
 * What SERA measured (arXiv 2601.20789), as far as plans and comparisons need it. Nothing here is ours. "A trajectory"
 * is one rollout.
 */
export const PAPER = {
  source: "arXiv 2601.20789",
  callsPerTrajectory: 35,
  cachedInputTokensPerTrajectory: 749_000,
  newInputTokensPerTrajectory: 24_000,
  outputTokensPerTrajectory: 7700,
  /** USD a trajectory, by how it was generated. */
  usdPerTrajectory: { "GLM-4.5-Air": 0.0918, "GLM-4.6": 0.1699, "self-hosted vLLM": 0.1867 },
  /** Share of training in the cost of a trajectory. */
  trainingUsdPerTrajectory: 0.056,
  /** The judge refuses about this share of first rollouts; under this share no attempt is good. */
  judgedBadShare: 0.02,
  allAttemptsBadShare: 0.01,
  judgeMaxOutputTokens: 4096,
  /** T2 rows and the resolve rate on SWE-bench Verified that a model trained on them reached, in per cent. */
  t2Scaling: [
    { rows: 400, resolvedPercent: 33.5 },
    { rows: 750, resolvedPercent: 36.4 },
    { rows: 1500, resolvedPercent: 38.9 },
    { rows: 3000, resolvedPercent: 39.7 },
    { rows: 4200, resolvedPercent: 41.8 },
    { rows: 7400, resolvedPercent: 44.0 },
    { rows: 16_000, resolvedPercent: 46.6 },
  ],
  /** 3,000 T2 rows (recall 0.5 or more) and 5,000 filtered T1 rows of one repository, for about this much. */
  specialisation: {
    t1Rows: 5000,
    t2Rows: 3000,
    usd: 1300,
    resolvedPercent: {
      Django: { student: 52.2, teacher: 51.2 },
      SymPy: { student: 51.1, teacher: 48.9 },
      Sphinx: { student: 37.1, teacher: 43.5 },
    },
  },
} as const;
