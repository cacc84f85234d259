/** What one finished sample of an earlier run took, as far as estimates learn from it. Plain data. */
export interface ObservedSample {
  readonly runId: string;
  /** First rollouts begun. */
  readonly firstRollouts: number;
  /** A second rollout was begun. */
  readonly isDescribed: boolean;
  readonly isAccepted: boolean;
  /** Those whose trajectory is there. */
  readonly rollouts: readonly ObservedRollout[];
}

/** Sums over the calls of one rollout. */
export interface ObservedRollout {
  readonly calls: number;
  /** All input, the cached part included. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Input of its longest call. */
  readonly longestInputTokens: number;
  /** Until the replies were there. */
  readonly latencyMs: number;
  /** Of commands. */
  readonly executionMs: number;
}
