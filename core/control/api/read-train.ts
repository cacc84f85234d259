import { flagLayer } from "../../config/layer.ts";
import { checkConfig } from "../../config/resolve.ts";
import type { TrainConfig } from "../../config/schema.ts";
import { refusedConfig } from "./read-config.ts";

const MAX_LISTED = 50;

/** The run's own `train` section, or the defaults, with what is to differ; 422 that names every mistake by its key. */
export function readTrain(own: TrainConfig | undefined, changes: Readonly<Record<string, unknown>>): TrainConfig {
  const checked = checkConfig([flagLayer({ train: own ?? {} }), flagLayer({ train: changes })]);
  if ("config" in checked) return checked.config.train!;
  throw refusedConfig(checked.mistakes.slice(0, MAX_LISTED).map(({ path, text }) => ({ key: path.join("."), message: text })));
}
