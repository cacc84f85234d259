import type { RolloutFacts } from "./facts.ts";

/** What fits into the context, in turns and tokens. */
export interface Measure {
  readonly turns: number;
  /** Kept when cut at the context limit after the last whole reply. */
  readonly keptTurns: number;
  /** keptTurns / turns; 0 when not even the first reply fits. */
  readonly keptRatio: number;
  /** Of the kept turns. */
  readonly tokens: number;
  /** Of the kept replies. */
  readonly trainedTokens: number;
  /** Of all turns. */
  readonly totalTokens: number;
  /** Of the tool results of the whole trajectory, each with its frame (about 9 tokens); 0 where there is none. */
  readonly meanObservationTokens: number;
}

export function measureOf({ turns }: RolloutFacts, contextTokens: number): Measure {
  let totalTokens = 0;
  let observations = 0;
  let observationTokens = 0;
  let trainedSoFar = 0;
  let kept = { keptTurns: 0, tokens: 0, trainedTokens: 0 };
  turns.forEach((turn, index) => {
    totalTokens += turn.tokens;
    observations += turn.results;
    if (turn.role === "tools") observationTokens += turn.tokens;
    if (turn.train) trainedSoFar += turn.tokens;
    const isWhole = turn.role === "assistant" || index === turns.length - 1;
    if (isWhole && trainedSoFar > 0 && totalTokens <= contextTokens) {
      kept = { keptTurns: index + 1, tokens: totalTokens, trainedTokens: trainedSoFar };
    }
  });
  return {
    ...kept,
    turns: turns.length,
    keptRatio: turns.length === 0 ? 0 : kept.keptTurns / turns.length,
    totalTokens,
    meanObservationTokens: observations === 0 ? 0 : observationTokens / observations,
  };
}
