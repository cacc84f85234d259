import { collectTextHashes } from "./manifest.ts";
import type { Measure } from "./select/measure.ts";
import type { DropReason } from "./select/filter.ts";
import type { TrajectoryRecord } from "../svg/record.ts";

/** What the card tells of one dataset. */
export interface DatasetStatistics {
  /** Rollouts that belong to the dataset before filters. */
  readonly considered: number;
  readonly rows: number;
  readonly truncated: number;
  readonly drops: Readonly<Record<DropReason, number>>;
  /** Ten bins [0,0.1) … [0.9,1], over rows with a recall. */
  readonly recallHistogram: readonly number[];
  readonly recallMean: number | null;
  readonly tokens: TokenStatistics;
  readonly trainedTokens: number;
  readonly steps: number;
  readonly costMicroUsd: number;
  /** Model names that teachers reported, most frequent first. */
  readonly models: readonly string[];
  readonly rehearsal: number;
  /** Of the rows, sorted. */
  readonly toolsets: readonly string[];
  /** See manifest.ts. */
  readonly textsSha256: string;
}

interface TokenStatistics {
  readonly total: number;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

export interface StatisticsCollector {
  consider(): void;
  drop(reason: DropReason): void;
  row(record: TrajectoryRecord, measure: Measure, textSha256: string): void;
  result(): DatasetStatistics;
}

const NO_DROPS: Readonly<Record<DropReason, number>> = {
  unreadable: 0,
  unwritable: 0,
  not_submitted: 0,
  duplicate: 0,
  patch_lines: 0,
  observation_tokens: 0,
  kept_ratio: 0,
  not_selected: 0,
};

/** Holds a number per row and no more. */
export function collectStatistics(): StatisticsCollector {
  const drops = { ...NO_DROPS };
  const recallHistogram = Array.from({ length: 10 }, () => 0);
  const tokens: number[] = [];
  const models = new Map<string, number>();
  const toolsets = new Set<string>();
  const texts = collectTextHashes();
  const sums = { considered: 0, truncated: 0, trainedTokens: 0, steps: 0, costMicroUsd: 0, rehearsal: 0, recall: 0, scored: 0 };
  return {
    consider: () => void sums.considered++,
    drop: (reason) => void drops[reason]++,
    row(record, measure, textSha256) {
      toolsets.add(record.toolset);
      texts.add(textSha256);
      tokens.push(measure.tokens);
      sums.trainedTokens += measure.trainedTokens;
      sums.steps += record.steps.length;
      sums.costMicroUsd += record.costMicroUsd;
      if (measure.keptTurns < measure.turns) sums.truncated++;
      if (record.rehearsal) sums.rehearsal++;
      if (record.score !== null) {
        recallHistogram[Math.min(9, Math.floor(record.score.recall * 10))]!++;
        sums.recall += record.score.recall;
        sums.scored++;
      }
      const model = record.steps[0]?.model ?? record.teacher.model;
      models.set(model, (models.get(model) ?? 0) + 1);
    },
    result: () => ({
      considered: sums.considered,
      rows: tokens.length,
      truncated: sums.truncated,
      drops,
      recallHistogram,
      recallMean: sums.scored === 0 ? null : sums.recall / sums.scored,
      tokens: tokenStatistics(tokens),
      trainedTokens: sums.trainedTokens,
      steps: sums.steps,
      costMicroUsd: sums.costMicroUsd,
      models: [...models].toSorted(([, a], [, b]) => b - a).map(([model]) => model),
      rehearsal: sums.rehearsal,
      toolsets: [...toolsets].toSorted(),
      textsSha256: texts.digest(),
    }),
  };
}

function tokenStatistics(tokens: readonly number[]): TokenStatistics {
  if (tokens.length === 0) return { total: 0, mean: 0, median: 0, p90: 0, max: 0 };
  const sorted = tokens.toSorted((a, b) => a - b);
  const total = sorted.reduce((sum, each) => sum + each, 0);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)]!;
  return { total, mean: total / sorted.length, median: at(0.5), p90: at(0.9), max: at(1) };
}
