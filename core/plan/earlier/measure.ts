import type { AssumptionName } from "../assumptions.ts";
import type { Range } from "../range.ts";
import type { ObservedRollout, ObservedSample } from "./observed.ts";
import { ratioOf } from "./ratio.ts";

/** Figures of the rollouts of earlier runs; each takes the place of an assumption, or of several. */
export interface Measured {
  readonly samples: number;
  /** The newest first, with how many samples of each were looked at. */
  readonly runs: readonly MeasuredRun[];
  readonly figures: Readonly<Partial<Record<AssumptionName, Range>>>;
  /** Seconds until the reply of a rollout's call was there, all told. */
  readonly replySeconds: Range;
  /** Share of the samples that were accepted. */
  readonly accepted: Range;
}

export interface MeasuredRun {
  readonly id: string;
  readonly samples: number;
}

/** Fewer say too little. */
export const LEAST_SAMPLES = 10;

/** Null for fewer than `LEAST_SAMPLES`, or without any call to learn from. */
export function measure(samples: readonly ObservedSample[]): Measured | null {
  const rollouts = samples.flatMap((sample) => sample.rollouts).filter(({ calls }) => calls > 0);
  if (samples.length < LEAST_SAMPLES || rollouts.length === 0) return null;
  const aCall = (of: (rollout: ObservedRollout) => number): Range =>
    ratioOf(rollouts.map((rollout) => ({ of: of(rollout), per: rollout.calls })))!;
  const aSample = (of: (sample: ObservedSample) => number): Range => ratioOf(samples.map((sample) => ({ of: of(sample), per: 1 })))!;
  const cachedShare = ratioOf(
    rollouts.map((rollout) => ({ of: rollout.cachedInputTokens, per: Math.max(0, rollout.inputTokens - newTokensOf(rollout)) })),
  );
  const firstRollouts = aSample((sample) => sample.firstRollouts);
  return {
    samples: samples.length,
    runs: runsOf(samples),
    figures: {
      calls: ratioOf(rollouts.map(({ calls }) => ({ of: calls, per: 1 })))!,
      newInputTokens: aCall(newTokensOf),
      outputTokens: aCall(({ outputTokens }) => outputTokens),
      contextTokens: aCall(({ inputTokens }) => inputTokens),
      // Less in the cache is the dearer case.
      ...(cachedShare === null
        ? {}
        : { cachedShare: { low: atMostOne(cachedShare.high), likely: atMostOne(cachedShare.likely), high: atMostOne(cachedShare.low) } }),
      firstRollouts: { ...firstRollouts, low: Math.max(1, firstRollouts.low) },
      described: share(aSample(({ isDescribed }) => Number(isDescribed))),
      commandSeconds: aCall(({ executionMs }) => executionMs / 1000),
    },
    replySeconds: aCall(({ latencyMs }) => latencyMs / 1000),
    accepted: share(aSample(({ isAccepted }) => Number(isAccepted))),
  };
}

/** What was said for the first time: the longest call holds all of it, but for its own reply. */
function newTokensOf({ longestInputTokens, outputTokens, calls }: ObservedRollout): number {
  const saidBefore = (outputTokens * (calls - 1)) / calls;
  return Math.max(0, longestInputTokens - saidBefore);
}

const atMostOne = (value: number): number => Math.min(1, value);

const share = ({ low, likely, high }: Range): Range => ({ low, likely, high: atMostOne(high) });

function runsOf(samples: readonly ObservedSample[]): MeasuredRun[] {
  const counts = new Map<string, number>();
  for (const { runId } of samples) counts.set(runId, (counts.get(runId) ?? 0) + 1);
  return [...counts].map(([id, count]) => ({ id, samples: count }));
}
