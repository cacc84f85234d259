import type { SeracConfig, TrainConfig } from "../config/schema.ts";
import type { Measured } from "../plan/earlier/measure.ts";
import { figuresFrom, type Figures } from "../plan/figures.ts";
import { loadOf, rolloutsOf } from "../plan/load.ts";
import { PAPER } from "../plan/paper.ts";
import { rangeOf, type Range, type Scenario } from "../plan/range.ts";
import { datasetsOf } from "./job-of.ts";
import type { ModelData } from "./model.ts";

/** What a training will be given, in one epoch, as far as it is known. */
export interface ExpectedLoad {
  readonly rows: Range;
  readonly tokens: Range;
  /** Where both come from, for a person. */
  readonly source: string;
  readonly kind: "measured" | "assumed";
}

const exactly = (value: number): Range => ({ low: value, likely: value, high: value });

/** Of data that is there. */
export const loadOfData = ({ rows, tokens }: Pick<ModelData, "rows" | "tokens">): ExpectedLoad => ({
  rows: exactly(rows),
  tokens: exactly(tokens),
  source: "the dataset",
  kind: "measured",
});

const { t1Rows, t2Rows } = PAPER.specialisation;
const SAMPLES = t1Rows + t2Rows;
/** Samples whose rollout becomes a row: judged, above the threshold, and within the filters of `dataset`. */
const ROW_SHARE: Readonly<Record<"t1" | "t2", Range>> = {
  t1: { low: 0.4, likely: t1Rows / SAMPLES, high: 0.95 },
  t2: { low: 0.2, likely: t2Rows / SAMPLES, high: 0.8 },
};

/** Of a run that is still to be made. `samples`: as many as can be planned. */
export function loadOfPlan(config: SeracConfig, train: TrainConfig, samples: number, measured: Measured | null = null): ExpectedLoad {
  const figures = figuresFrom(measured);
  const most = config.dataset.maxSamples ?? Infinity;
  const rows = rangeOf((scenario) =>
    datasetsOf(train).reduce((sum, dataset) => sum + Math.min(most, Math.round(samples * shareOf(dataset, figures)[scenario])), 0),
  );
  return {
    rows,
    tokens: rangeOf((scenario) => Math.round(rows[scenario] * rowTokens(config, train, figures, scenario))),
    source:
      `${measured === null ? "the figures of the plan" : "earlier runs with this teacher"} for the length of a trajectory, train.contextTokens at ` +
      `most; rows for each sample as in ${PAPER.source} (${t1Rows} of T1 and ${t2Rows} of T2 for ${SAMPLES}), the range is our assumption`,
    kind: measured === null ? "assumed" : "measured",
  };
}

const shareOf = (dataset: "t1" | "t2", { accepted }: Figures): Range =>
  dataset === "t2" && accepted !== null ? accepted : ROW_SHARE[dataset];

function rowTokens(config: SeracConfig, train: TrainConfig, figures: Figures, scenario: Scenario): number {
  const premises = { config, figures, scenario };
  const kept = loadOf("first", 1, premises).kept / rolloutsOf("first", 1, premises);
  return Math.min(kept, config.rollout.contextTokens, train.contextTokens);
}
