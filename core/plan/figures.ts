import { ASSUMPTIONS, type Assumption, type AssumptionName } from "./assumptions.ts";
import type { Measured } from "./earlier/measure.ts";
import type { Range } from "./range.ts";

export const FIGURE_KINDS = ["assumed", "measured", "benchmark", "configured"] as const;
/**
 * - `assumed`: the paper's, or ours.
 * - `measured`: in earlier runs with the same teacher.
 * - `benchmark`: of serac's own functions, in `npm run bench`.
 * - `configured`: it stands in the configuration.
 */
export type FigureKind = (typeof FIGURE_KINDS)[number];

export interface Figure extends Range {
  readonly what: string;
  readonly source: string;
  readonly kind: FigureKind;
}

/** What an estimate calculates with. */
export interface Figures {
  readonly of: Readonly<Record<AssumptionName, Figure>>;
  /** Null: from the time of a first token and the pace of the others. */
  readonly replySeconds: Figure | null;
  /** Share of the samples; null where nobody has measured it. */
  readonly accepted: Figure | null;
}

/** Measured figures take the place of assumptions. */
export function figuresFrom(measured: Measured | null): Figures {
  const figure = (name: AssumptionName): Figure => figureOf(name, measured);
  const of: Figures["of"] = {
    calls: figure("calls"),
    newInputTokens: figure("newInputTokens"),
    outputTokens: figure("outputTokens"),
    contextTokens: figure("contextTokens"),
    cachedShare: figure("cachedShare"),
    firstRollouts: figure("firstRollouts"),
    described: figure("described"),
    singleCallOutputTokens: figure("singleCallOutputTokens"),
    singleCallTries: figure("singleCallTries"),
    outputTokensPerSecond: figure("outputTokensPerSecond"),
    firstTokenSeconds: figure("firstTokenSeconds"),
    commandSeconds: figure("commandSeconds"),
    machineStartSeconds: figure("machineStartSeconds"),
    machineBurstShare: figure("machineBurstShare"),
    bytesPerToken: figure("bytesPerToken"),
  };
  if (measured === null) return { of, replySeconds: null, accepted: null };
  const source = measuredSource(measured);
  return {
    of,
    replySeconds: { what: "seconds until the reply of a rollout's call is there", ...measured.replySeconds, source, kind: "measured" },
    accepted: { what: "share of samples that are accepted", ...measured.accepted, source, kind: "measured" },
  };
}

function figureOf(name: AssumptionName, measured: Measured | null): Figure {
  const assumption: Assumption = ASSUMPTIONS[name];
  const found = measured?.figures[name];
  if (measured === null || found === undefined) return { ...assumption, kind: "assumed" };
  return { what: assumption.what, ...found, source: measuredSource(measured), kind: "measured" };
}

const SHOWN = 3;

function measuredSource({ samples, runs }: Measured): string {
  const names = runs.slice(0, SHOWN).map(({ id }) => id);
  const others = runs.length > SHOWN ? ` and ${runs.length - SHOWN} others` : "";
  return `from ${samples} samples of ${runs.length === 1 ? "run" : "runs"} ${names.join(", ")}${others}`;
}
