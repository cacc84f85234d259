import type { SeracConfig } from "../config/schema.ts";
import { machineSize } from "../config/cloud/machine-size.ts";
import { ASSUMPTIONS, type Assumption } from "./assumptions.ts";
import { orchestrationUsd, ORCHESTRATION_PARTS, type OrchestrationPart, type SampleLoad } from "./cloud/orchestration.ts";
import { CLOUD_PRICES } from "./cloud/prices.ts";
import { PAPER } from "./paper.ts";
import { rangeOf, sumOf, type Range, type Scenario } from "./range.ts";
import { plannedSamples } from "./samples.ts";

export const ESTIMATED_STAGES = ["first", "judge", "describe", "second"] as const;

export interface StageEstimate {
  readonly stage: (typeof ESTIMATED_STAGES)[number];
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
  readonly stages: readonly StageEstimate[];
  readonly total: Omit<StageEstimate, "stage">;
  /** What the rollouts would cost at the paper's prices; for comparison where the configuration has none. */
  readonly paperUsd: readonly { readonly teacher: string; readonly usd: Range }[];
  /** What AWS asks for the same run in the cloud, beside the teacher's price. */
  readonly cloud: CloudEstimate;
  /** Not spent by a run: training on what it produces. */
  readonly trainingUsd: { readonly usd: Range; readonly source: string };
  /** Null without a budget or without prices. `samples`: how many the budget is likely to carry. */
  readonly budget: { readonly usd: number; readonly samples: number; readonly isEnough: Record<Scenario, boolean> } | null;
  readonly sources: readonly { readonly figure: string; readonly source: string; readonly value: Range }[];
  /** Sentences for a person. */
  readonly notes: readonly string[];
}

export interface CloudEstimate {
  readonly usd: Range;
  readonly usdPerSample: Range;
  readonly parts: readonly { readonly part: OrchestrationPart; readonly usd: Range }[];
  /** How long a sample is worked on, the wait for machines left out. */
  readonly secondsPerSample: Range;
  /** Memory that a machine is billed by. MiB. */
  readonly machineMib: number;
  /** Whose prices, where and when. */
  readonly prices: { readonly region: string; readonly date: string; readonly source: string };
}

export interface EstimateRequest {
  readonly config: SeracConfig;
  /** How many the survey found; null when it was not made. */
  readonly functions: number | null;
}

/** Calls, tokens, money, hours and disk of a run before it is started, with where each figure comes from. */
export function estimatePlan({ config, functions }: EstimateRequest): PlanEstimate {
  const samples =
    functions === null ? { planned: config.plan.samples, requested: config.plan.samples } : plannedSamples(functions, config.plan);
  const stages = ESTIMATED_STAGES.map((stage) => estimateStage(stage, samples.planned, config));
  const total = totalOf(stages);
  const rollouts = sumOf(
    (["first", "second"] as const).map((stage) => rangeOf((scenario) => rolloutsOf(stage, samples.planned, config, scenario))),
  );
  return {
    samples,
    functions,
    stages,
    total,
    paperUsd: Object.entries(PAPER.usdPerTrajectory).map(([teacher, usd]) => ({ teacher, usd: times(rollouts, usd) })),
    cloud: cloudOf(config, samples.planned),
    trainingUsd: {
      usd: times(rollouts, PAPER.trainingUsdPerTrajectory),
      source: `${PAPER.source}: $${PAPER.trainingUsdPerTrajectory} a trajectory; training on all of them is assumed`,
    },
    budget: budgetOf(config, samples.planned, total.usd),
    sources: sourcesOf(config),
    notes: notesOf(config, samples),
  };
}

function estimateStage(stage: StageEstimate["stage"], samples: number, config: SeracConfig): StageEstimate {
  const loads = {
    low: loadOf(stage, samples, config, "low"),
    likely: loadOf(stage, samples, config, "likely"),
    high: loadOf(stage, samples, config, "high"),
  };
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
    hours: rangeOf((scenario) => secondsOf(loads[scenario], scenario) / 3600 / atOnce),
    diskBytes: rangeOf((scenario) => Math.round(loads[scenario].kept * ASSUMPTIONS.bytesPerToken[scenario])),
  };
}

/** Of one call after the other. */
const secondsOf = ({ calls, output }: Load, scenario: Scenario): number =>
  calls * ASSUMPTIONS.waitSeconds[scenario] + output / ASSUMPTIONS.outputTokensPerSecond[scenario];

function cloudOf(config: SeracConfig, samples: number): CloudEstimate {
  // The least that a deployment may choose; what the environment needs decides.
  const machineMib = machineSize(config.environment, 0);
  const perSample = {
    low: sampleUsd(config, machineMib, "low"),
    likely: sampleUsd(config, machineMib, "likely"),
    high: sampleUsd(config, machineMib, "high"),
  };
  const parts = ORCHESTRATION_PARTS.map((part) => ({ part, usd: rangeOf((scenario) => perSample[scenario][part] * samples) }));
  const usdPerSample = sumOf(ORCHESTRATION_PARTS.map((part) => rangeOf((scenario) => perSample[scenario][part])));
  const { region, date, source } = CLOUD_PRICES;
  return {
    usd: times(usdPerSample, samples),
    usdPerSample,
    parts,
    secondsPerSample: rangeOf((scenario) => {
      const { rolloutSeconds, otherSeconds } = sampleLoad(config, scenario);
      return rolloutSeconds + otherSeconds;
    }),
    machineMib,
    prices: { region, date, source },
  };
}

const sampleUsd = (config: SeracConfig, machineMib: number, scenario: Scenario): Readonly<Record<OrchestrationPart, number>> =>
  orchestrationUsd(sampleLoad(config, scenario), {
    machineMib,
    machineStartSeconds: ASSUMPTIONS.machineStartSeconds[scenario],
    burstShare: ASSUMPTIONS.machineBurstShare[scenario],
  });

function sampleLoad(config: SeracConfig, scenario: Scenario): SampleLoad {
  const of = (stage: StageEstimate["stage"]): Load => loadOf(stage, 1, config, scenario);
  const [first, judge, describe, second] = [of("first"), of("judge"), of("describe"), of("second")];
  return {
    rollouts: rolloutsOf("first", 1, config, scenario) + rolloutsOf("second", 1, config, scenario),
    rolloutSeconds: secondsOf(first, scenario) + secondsOf(second, scenario),
    otherSeconds: secondsOf(judge, scenario) + secondsOf(describe, scenario),
    calls: first.calls + judge.calls + describe.calls + second.calls,
  };
}

interface Load {
  readonly calls: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  /** Tokens that are written down: each once, however often it was sent. */
  readonly kept: number;
}

function loadOf(stage: StageEstimate["stage"], samples: number, config: SeracConfig, scenario: Scenario): Load {
  const rollouts = rolloutsOf(stage, samples, config, scenario);
  const rollout = rolloutLoad(config, scenario);
  if (stage === "first" || stage === "second") return scaled(rollout, rollouts);
  // The whole transcript is read once, and nothing of it is in the cache of another prompt. The journal keeps the prompt.
  const input = Math.min(rollout.kept, config.rollout.contextTokens);
  const output = atMost(ASSUMPTIONS.singleCallOutputTokens[scenario], config.teacher?.maxOutputTokens);
  return scaled({ calls: 1, input, cached: 0, output, kept: input + output }, rollouts * ASSUMPTIONS.singleCallTries[scenario]);
}

/** Rollouts of the stage, or those that the stage looks at. */
function rolloutsOf(stage: StageEstimate["stage"], samples: number, config: SeracConfig, scenario: Scenario): number {
  const attempts = atMost(ASSUMPTIONS.firstRollouts[scenario], config.rollout.attempts);
  return stage === "first" || stage === "judge" ? samples * attempts : samples * ASSUMPTIONS.described[scenario];
}

function rolloutLoad(config: SeracConfig, scenario: Scenario): Load {
  const calls = atMost(ASSUMPTIONS.calls[scenario], config.rollout.maxCalls);
  const perCall = atMost(ASSUMPTIONS.contextTokens[scenario], config.rollout.contextTokens);
  const fresh = atMost(ASSUMPTIONS.newInputTokens[scenario], perCall);
  const output = calls * atMost(ASSUMPTIONS.outputTokens[scenario], config.teacher?.maxOutputTokens);
  const cached = calls * (perCall - fresh) * ASSUMPTIONS.cachedShare[scenario];
  return { calls, input: calls * perCall, cached, output, kept: calls * fresh + output };
}

const scaled = (load: Load, by: number): Load => ({
  calls: load.calls * by,
  input: load.input * by,
  cached: load.cached * by,
  output: load.output * by,
  kept: load.kept * by,
});

const times = (range: Range, by: number): Range => rangeOf((scenario) => range[scenario] * by);

const atMost = (value: number, limit: number | undefined): number => Math.min(value, limit ?? value);

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

const exactly = (value: number): Range => ({ low: value, likely: value, high: value });

function sourcesOf(config: SeracConfig): PlanEstimate["sources"] {
  const price = config.teacher?.price;
  const own = "the configuration";
  return [
    ...Object.values<Assumption>(ASSUMPTIONS).map(({ what, source, low, likely, high }) => ({
      figure: what,
      source,
      value: { low, likely, high },
    })),
    {
      figure: "calls at once",
      source: config.teacher === undefined ? "no teacher is configured" : `${own}: teacher.concurrency`,
      value: exactly(config.teacher?.concurrency ?? 1),
    },
    { figure: "USD per 1M input tokens", source: `${own}: teacher.price.input`, value: exactly(price?.input ?? 0) },
    {
      figure: "USD per 1M cached input tokens",
      source: `${own}: teacher.price.cachedInput, else input`,
      value: exactly(price?.cachedInput ?? price?.input ?? 0),
    },
    { figure: "USD per 1M output tokens", source: `${own}: teacher.price.output`, value: exactly(price?.output ?? 0) },
  ];
}

function notesOf(config: SeracConfig, samples: PlanEstimate["samples"]): string[] {
  const { planned, requested } = samples;
  const price = config.teacher?.price;
  const isFree = price === undefined || (price.input === 0 && price.output === 0 && (price.cachedInput ?? 0) === 0);
  return [
    ...(planned < requested
      ? [`${planned} of ${requested} samples can be planned: there are not more functions. A higher plan.perFunction gives more.`]
      : []),
    ...(isFree ? ["No prices are configured (teacher.price), so the cost shows as 0; the paper's figures are for comparison."] : []),
    ...(config.teacher === undefined ? ["No teacher is configured: hours are for one call at a time."] : []),
    "The time that environment.install takes is not part of the hours.",
  ];
}
