import type { SeracConfig } from "../config/schema.ts";
import type { SampleLoad } from "./cloud/orchestration.ts";
import type { Figures } from "./figures.ts";
import type { Scenario } from "./range.ts";

export const ESTIMATED_STAGES = ["first", "judge", "describe", "second"] as const;
export type EstimatedStage = (typeof ESTIMATED_STAGES)[number];

/** What loads are calculated from. */
export interface Premises {
  readonly config: SeracConfig;
  readonly figures: Figures;
  readonly scenario: Scenario;
}

/** What the teacher is asked for. */
export interface Load {
  readonly calls: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  /** Tokens that are written down: each once, however often it was sent. */
  readonly kept: number;
  /** Of one call after the other, with their commands. */
  readonly seconds: number;
}

export function loadOf(stage: EstimatedStage, samples: number, premises: Premises): Load {
  const { config, figures, scenario } = premises;
  const rollouts = rolloutsOf(stage, samples, premises);
  const rollout = rolloutLoad(premises);
  if (stage === "first" || stage === "second") return scaled(rollout, rollouts);
  // The whole transcript is read once, and nothing of it is in the cache of another prompt. The journal keeps the prompt.
  const input = Math.min(rollout.kept, config.rollout.contextTokens);
  const output = atMost(figures.of.singleCallOutputTokens[scenario], config.teacher?.maxOutputTokens);
  const single = { calls: 1, input, cached: 0, output, kept: input + output, seconds: secondsOfReply(output, premises) };
  return scaled(single, rollouts * figures.of.singleCallTries[scenario]);
}

/** Rollouts of the stage, or those that the stage looks at. */
export function rolloutsOf(stage: EstimatedStage, samples: number, { config, figures, scenario }: Premises): number {
  const attempts = atMost(figures.of.firstRollouts[scenario], config.rollout.attempts);
  return stage === "first" || stage === "judge" ? samples * attempts : samples * figures.of.described[scenario];
}

/** Of one sample, for the functions. */
export function sampleLoad(premises: Premises): SampleLoad {
  const of = (stage: EstimatedStage): Load => loadOf(stage, 1, premises);
  const [first, judge, describe, second] = [of("first"), of("judge"), of("describe"), of("second")];
  return {
    rollouts: rolloutsOf("first", 1, premises) + rolloutsOf("second", 1, premises),
    rolloutCalls: first.calls + second.calls,
    rolloutSeconds: first.seconds + second.seconds,
    otherSeconds: judge.seconds + describe.seconds,
  };
}

function rolloutLoad(premises: Premises): Load {
  const { config, figures, scenario } = premises;
  const { of, replySeconds } = figures;
  const calls = atMost(of.calls[scenario], config.rollout.maxCalls);
  const perCall = atMost(of.contextTokens[scenario], config.rollout.contextTokens);
  const fresh = atMost(of.newInputTokens[scenario], perCall);
  const perReply = atMost(of.outputTokens[scenario], config.teacher?.maxOutputTokens);
  const reply = replySeconds?.[scenario] ?? secondsOfReply(perReply, premises);
  return {
    calls,
    input: calls * perCall,
    cached: calls * (perCall - fresh) * of.cachedShare[scenario],
    output: calls * perReply,
    kept: calls * fresh + calls * perReply,
    seconds: calls * (reply + of.commandSeconds[scenario]),
  };
}

const secondsOfReply = (tokens: number, { figures: { of }, scenario }: Premises): number =>
  of.firstTokenSeconds[scenario] + tokens / of.outputTokensPerSecond[scenario];

const scaled = (load: Load, by: number): Load => ({
  calls: load.calls * by,
  input: load.input * by,
  cached: load.cached * by,
  output: load.output * by,
  kept: load.kept * by,
  seconds: load.seconds * by,
});

const atMost = (value: number, limit: number | undefined): number => Math.min(value, limit ?? value);
