import type { SeracConfig } from "../config/schema.ts";
import { type CloudEstimate, estimateCloud } from "./cloud-estimate.ts";
import type { Measured } from "./earlier/measure.ts";
import { figuresFrom, type Figures } from "./figures.ts";
import { ESTIMATED_STAGES, type EstimatedStage, loadOf, rolloutsOf } from "./load.ts";
import { PAPER } from "./paper.ts";
import { rangeOf, sumOf, timesOf, type Range, type Scenario } from "./range.ts";
import { plannedSamples } from "./samples.ts";
import { type Source, sourcesOf } from "./sources.ts";

export interface StageEstimate {
  readonly stage: EstimatedStage;
  readonly calls: Range;
  /** All input, the cached part included. */
  readonly inputTokens: Range;
  readonly cachedInputTokens: Range;
  readonly outputTokens: Range;
  /** By the prices of the configuration. */
  readonly usd: Range;
  readonly hours: Range;
  readonly diskBytes: Range;
}

/** Plain JSON. */
export interface PlanEstimate {
  readonly samples: { readonly requested: number; readonly planned: number };
  /** Null when the repository was not surveyed. */
  readonly functions: number | null;
  /** The earlier runs whose figures these rest on; null when all is assumed. */
  readonly measured: { readonly samples: number; readonly runs: Measured["runs"] } | null;
  /** How many samples will be accepted; null where no earlier run says. */
  readonly accepted: Range | null;
  readonly stages: readonly StageEstimate[];
  readonly total: Omit<StageEstimate, "stage">;
  /** What the rollouts would cost at the paper's prices; for comparison where the configuration has none. */
  readonly paperUsd: readonly { readonly teacher: string; readonly usd: Range }[];
  readonly cloud: CloudEstimate;
  /** Not spent by a run: training on what it produces. */
  readonly trainingUsd: { readonly usd: Range; readonly source: string };
  /** Null without a budget or without prices. `samples`: how many the budget is likely to carry. */
  readonly budget: { readonly usd: number; readonly samples: number; readonly isEnough: Record<Scenario, boolean> } | null;
  readonly sources: readonly Source[];
  /** Sentences for a person. */
  readonly notes: readonly string[];
}

export interface EstimateRequest {
  readonly config: SeracConfig;
  /** How many the survey found; null when it was not made. */
  readonly functions: number | null;
  /** Of earlier runs with the same teacher; left out or null: assumptions take their place. */
  readonly measured?: Measured | null;
}

/** Calls, tokens, money, hours and disk of a run before it is started, with where each figure comes from. */
export function estimatePlan({ config, functions, measured = null }: EstimateRequest): PlanEstimate {
  const samples =
    functions === null ? { planned: config.plan.samples, requested: config.plan.samples } : plannedSamples(functions, config.plan);
  const figures = figuresFrom(measured);
  const stages = ESTIMATED_STAGES.map((stage) => estimateStage(stage, samples.planned, config, figures));
  const total = totalOf(stages);
  const rollouts = sumOf(
    (["first", "second"] as const).map((stage) => rangeOf((scenario) => rolloutsOf(stage, samples.planned, { config, figures, scenario }))),
  );
  return {
    samples,
    functions,
    measured: measured === null ? null : { samples: measured.samples, runs: measured.runs },
    accepted: figures.accepted === null ? null : rangeOf((scenario) => Math.round(figures.accepted![scenario] * samples.planned)),
    stages,
    total,
    paperUsd: Object.entries(PAPER.usdPerTrajectory).map(([teacher, usd]) => ({ teacher, usd: timesOf(rollouts, usd) })),
    cloud: estimateCloud(config, figures, samples.planned),
    trainingUsd: {
      usd: timesOf(rollouts, PAPER.trainingUsdPerTrajectory),
      source: `${PAPER.source}: $${PAPER.trainingUsdPerTrajectory} a trajectory; training on all of them is assumed`,
    },
    budget: budgetOf(config, samples.planned, total.usd),
    sources: sourcesOf(config, figures),
    notes: notesOf(config, samples, measured),
  };
}

function estimateStage(stage: EstimatedStage, samples: number, config: SeracConfig, figures: Figures): StageEstimate {
  const load = (scenario: Scenario) => loadOf(stage, samples, { config, figures, scenario });
  const loads = { low: load("low"), likely: load("likely"), high: load("high") };
  const price = config.teacher?.price ?? { input: 0, output: 0 };
  const atOnce = Math.max(1, Math.min(config.teacher?.concurrency ?? 1, samples));
  return {
    stage,
    calls: rangeOf((scenario) => Math.round(loads[scenario].calls)),
    inputTokens: rangeOf((scenario) => Math.round(loads[scenario].input)),
    cachedInputTokens: rangeOf((scenario) => Math.round(loads[scenario].cached)),
    outputTokens: rangeOf((scenario) => Math.round(loads[scenario].output)),
    usd: rangeOf((scenario) => {
      const { input, cached, output } = loads[scenario];
      return ((input - cached) * price.input + cached * (price.cachedInput ?? price.input) + output * price.output) / 1e6;
    }),
    hours: rangeOf((scenario) => loads[scenario].seconds / 3600 / atOnce),
    diskBytes: rangeOf((scenario) => Math.round(loads[scenario].kept * figures.of.bytesPerToken[scenario])),
  };
}

function totalOf(stages: readonly StageEstimate[]): Omit<StageEstimate, "stage"> {
  return {
    calls: sumOf(stages.map((stage) => stage.calls)),
    inputTokens: sumOf(stages.map((stage) => stage.inputTokens)),
    cachedInputTokens: sumOf(stages.map((stage) => stage.cachedInputTokens)),
    outputTokens: sumOf(stages.map((stage) => stage.outputTokens)),
    usd: sumOf(stages.map((stage) => stage.usd)),
    hours: sumOf(stages.map((stage) => stage.hours)),
    diskBytes: sumOf(stages.map((stage) => stage.diskBytes)),
  };
}

function budgetOf(config: SeracConfig, samples: number, usd: Range): PlanEstimate["budget"] {
  const budget = config.budget.usd;
  if (budget === undefined || usd.likely === 0) return null;
  return {
    usd: budget,
    samples: Math.min(samples, Math.floor((budget / usd.likely) * samples)),
    isEnough: { low: budget >= usd.low, likely: budget >= usd.likely, high: budget >= usd.high },
  };
}

function notesOf(config: SeracConfig, samples: PlanEstimate["samples"], measured: Measured | null): string[] {
  const { planned, requested } = samples;
  const price = config.teacher?.price;
  const isFree = price === undefined || (price.input === 0 && price.output === 0 && (price.cachedInput ?? 0) === 0);
  return [
    ...(planned < requested
      ? [`${planned} of ${requested} samples can be planned: there are not more functions. A higher plan.perFunction gives more.`]
      : []),
    ...(isFree ? ["No prices are configured (teacher.price), so the cost shows as 0; the paper's figures are for comparison."] : []),
    ...(config.teacher === undefined ? ["No teacher is configured: hours are for one call at a time."] : []),
    ...(measured === null && config.teacher !== undefined
      ? [`Nothing is measured yet with ${config.teacher.model}: a run of 20 samples tells more than the assumptions.`]
      : []),
    "The time that environment.install takes is not part of the hours.",
  ];
}
