import { type ConfigLayer, flagLayer, isMapping, mergeLayers, valueAt } from "../../core/config/layer.ts";
import { resolveConfig } from "../../core/config/resolve.ts";
import type { TrainConfig } from "../../core/config/schema.ts";
import { layerOfFlags } from "../config/flags.ts";
import { absoluteBase, openConfigFile } from "../config/resolve.ts";
import type { Io } from "../io.ts";
import type { TrainFlags } from "./flags.ts";

/**
 * How to train: the file of -c, else the run's own `train` section, else serac.yaml here, with the flags over it. A base that is a folder is absolute. InputError: config_unreadable, config_invalid, usage.
 */
export async function trainSettings(own: TrainConfig | undefined, flags: TrainFlags, io: Io): Promise<TrainConfig> {
  const isOwn = own !== undefined && flags.config === undefined;
  const { layers, base } = isOwn
    ? { layers: [flagLayer({ train: own })], base: io.cwd }
    : await openConfigFile(flags.config ?? null, io.cwd);
  const config = resolveConfig([flagLayer({ train: {} }), ...layers, await flagsLayer(flags)]);
  const train = config.train!;
  // A path on the command line is relative to where it was typed.
  const from = isFlagged(flags) ? io.cwd : base;
  return { ...train, base: absoluteBase(train.base, from) };
}

const isFlagged = (flags: TrainFlags): boolean =>
  flags["base"] !== undefined || (Array.isArray(flags["set"]) && flags["set"].some((text) => String(text).startsWith("train.base=")));

async function flagsLayer({ name, allowRehearsal, ...given }: TrainFlags): Promise<ConfigLayer> {
  const extra = {
    ...(name === undefined ? {} : { "train.name": name }),
    ...(allowRehearsal === true ? { "train.allowRehearsal": true } : {}),
  };
  return layerOfFlags(given, extra, { "train.name": "--name", "train.allowRehearsal": "--allow-rehearsal" });
}

/** What is to differ from the settings of a run that this machine does not have; checked, without defaults. InputError as above. */
export async function trainChanges(flags: TrainFlags, io: Io): Promise<Readonly<Record<string, unknown>>> {
  const file = flags.config === undefined ? [] : (await openConfigFile(flags.config, io.cwd)).layers;
  const layers = [...file, await flagsLayer(flags)];
  resolveConfig([flagLayer({ train: {} }), ...layers]);
  const changes = valueAt(mergeLayers(layers), ["train"]);
  return isMapping(changes) ? changes : {};
}
