import { flagLayer } from "../../core/config/layer.ts";
import { resolveConfig } from "../../core/config/resolve.ts";
import type { TrainConfig } from "../../core/config/schema.ts";
import type { CloudModel } from "../platform/cloud.ts";
import type { ShownModel } from "../text/model.ts";

/** A model of a deployment as it is shown. */
export function shownModel({ metrics, config, ...model }: CloudModel): ShownModel {
  return {
    ...model,
    config: settingsOf(config),
    result: metrics === null ? null : { event: "published", ...metrics, gates: [...metrics.gates] },
  };
}

/** Of an API that may be newer: what this serac does not know of it is left out. */
function settingsOf(config: CloudModel["config"]): TrainConfig {
  const { train: plain } = resolveConfig([flagLayer({ train: {} })]);
  const known = Object.fromEntries(Object.entries(config).filter(([key]) => KNOWN.has(key)));
  return resolveConfig([flagLayer({ train: { ...plain, ...known } })]).train!;
}

const KNOWN: ReadonlySet<string> = new Set([
  "base",
  "revision",
  "name",
  "method",
  "datasets",
  "contextTokens",
  "epochs",
  "learningRate",
  "batchSize",
  "loraRank",
  "loraAlpha",
  "seed",
]);
