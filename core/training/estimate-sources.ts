import type { TrainConfig } from "../config/schema.ts";
import type { Range } from "../plan/range.ts";
import type { Source } from "../plan/sources.ts";
import type { ExpectedLoad } from "./expected-load.ts";
import { EFFICIENCY, START_SECONDS } from "./speed.ts";

const OURS = "our assumption";
const exactly = (value: number): Range => ({ low: value, likely: value, high: value });

/** Everything that an estimate of a training rests on. `links`: how the GPUs of the machines in it reach each other. */
export function sourcesOfEstimate(train: TrainConfig, load: ExpectedLoad, links: readonly (keyof typeof EFFICIENCY)[]): readonly Source[] {
  const own = (figure: string, key: string, value: number): Source => ({
    figure,
    kind: "configured",
    source: `the configuration: ${key}`,
    value: exactly(value),
  });
  return [
    { figure: "rows of one epoch", kind: load.kind, source: load.source, value: load.rows },
    { figure: "tokens of one epoch", kind: load.kind, source: load.source, value: load.tokens },
    ...links.map((link): Source => ({
      figure: `share of what GPUs joined by ${link === "nvlink" ? "NVLink" : "PCIe"} can do (low is slow)`,
      kind: "assumed",
      source: EFFICIENCY[link].source,
      value: EFFICIENCY[link].mfu,
    })),
    { figure: "seconds until the trainer runs on a machine", kind: "assumed", source: OURS, value: START_SECONDS },
    own("epochs", "train.epochs", train.epochs),
    own("tokens of context", "train.contextTokens", train.contextTokens),
  ];
}
