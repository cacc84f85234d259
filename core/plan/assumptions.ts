import { PAPER } from "./paper.ts";
import type { Range } from "./range.ts";

export interface Assumption extends Range {
  readonly what: string;
  /** Where the figure comes from, for a person who wants to judge it. */
  readonly source: string;
}

/** What whoever doubts an assumption of ours can do; said of each. */
export const MEASURE_IT = "measure it on your own repository and teacher with a run of 20 samples";
const OURS = `our assumption; ${MEASURE_IT}`;

/** Everything that an estimate rests on beside the configuration. Shown with every estimate. */
export const ASSUMPTIONS = {
  calls: {
    what: "teacher calls of a rollout",
    low: 20,
    likely: PAPER.callsPerTrajectory,
    high: 70,
    source: `${PAPER.source}: 35; half and twice that as the range is ${OURS}`,
  },
  newInputTokens: {
    what: "new input tokens of a call",
    low: 500,
    likely: PAPER.newInputTokensPerTrajectory / PAPER.callsPerTrajectory,
    high: 1100,
    source: `${PAPER.source}: 24K in 35 calls; the range is ${OURS}`,
  },
  outputTokens: {
    what: "output tokens of a call",
    low: 150,
    likely: PAPER.outputTokensPerTrajectory / PAPER.callsPerTrajectory,
    high: 440,
    source: `${PAPER.source}: 7.7K in 35 calls; the range is ${OURS}`,
  },
  contextTokens: {
    what: "input tokens of a call, all told",
    low: 15_000,
    likely: (PAPER.cachedInputTokensPerTrajectory + PAPER.newInputTokensPerTrajectory) / PAPER.callsPerTrajectory,
    high: 30_000,
    source: `${PAPER.source}: 773K in 35 calls; at most rollout.contextTokens; the range is ${OURS}`,
  },
  cachedShare: {
    what: "share of the earlier input that the teacher has cached",
    low: 1,
    likely: 1,
    high: 0.5,
    source: `${PAPER.source}: 749K of 773K, all but the new; a teacher that caches half is ${OURS}`,
  },
  firstRollouts: {
    what: "first rollouts of a sample",
    low: 1,
    likely: 1 + PAPER.judgedBadShare,
    high: 1.3,
    source: `${PAPER.source}: about 2 % judged bad and tried again; the range is ${OURS}`,
  },
  described: {
    what: "share of samples that reach the second rollout",
    low: 0.9,
    likely: 1 - PAPER.allAttemptsBadShare,
    high: 1,
    source: `${PAPER.source}: under 1 % fail all attempts; the range is ${OURS}`,
  },
  singleCallOutputTokens: {
    what: "output tokens of a judgement or a pull request text",
    low: 200,
    likely: 600,
    high: PAPER.judgeMaxOutputTokens,
    source: `up to 4,096 are allowed (${PAPER.source}); the rest is ${OURS}`,
  },
  singleCallTries: {
    what: "calls of a judgement or a pull request text",
    low: 1,
    likely: 1.02,
    high: 2,
    source: OURS,
  },
  outputTokensPerSecond: {
    what: "output tokens a second of one call, at full concurrency (low is slow)",
    low: 80,
    likely: 40,
    high: 15,
    source: OURS,
  },
  firstTokenSeconds: {
    what: "seconds a call waits for its first token",
    low: 0.5,
    likely: 1,
    high: 4,
    source: OURS,
  },
  commandSeconds: {
    what: "seconds that the command of a call takes",
    low: 0.5,
    likely: 1,
    high: 4,
    source: OURS,
  },
  machineStartSeconds: {
    what: "seconds until a machine in the cloud answers and until it is gone",
    low: 3,
    likely: 8,
    high: 30,
    source: `AWS names 1 to 10 seconds for a start; the rest is ${OURS}`,
  },
  machineBurstShare: {
    what: "what a machine in the cloud uses beyond its baseline, as a share of it",
    low: 0,
    likely: 0.1,
    high: 1,
    source: `at most 3, since machines burst to four times their baseline; the rest is ${OURS}`,
  },
  bytesPerToken: {
    what: "bytes of journal, trajectory and export for each token of a transcript",
    low: 6,
    likely: 10,
    high: 16,
    source: `${OURS}; about 4 bytes of text a token, kept in the journal, in the trajectory (compressed) and in each export`,
  },
} as const satisfies Record<string, Assumption>;

export type AssumptionName = keyof typeof ASSUMPTIONS;
