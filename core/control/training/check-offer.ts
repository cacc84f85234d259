import { DATASETS_PREFIX } from "../../config/cloud/names.ts";
import type { TrainConfig } from "../../config/schema.ts";
import { DATASET_MANIFEST, readDatasetManifest, type DatasetManifest } from "../../dataset/manifest.ts";
import { InputError, SeracError } from "../../errors/index.ts";
import type { RunRecord } from "../../svg/store.ts";
import { chooseMachine } from "../../training/choose-machine.ts";
import { datasetsOf } from "../../training/job-of.ts";
import { knownBase } from "../../training/known-bases.ts";
import { offersOf } from "../../training/offers.ts";
import type { TrainingLoad } from "../../training/speed.ts";
import type { ControlPlatform } from "../platform.ts";
import { baseName } from "./base.ts";
import { noTraining } from "./no-training.ts";

/**
 * What can be said of a training on a run's dataset before its rows and its base are looked at: whether a machine holds it, whether there is
 * anything to train on, what it would cost. InputError("training_unfit").
 */
export async function checkOffer(platform: ControlPlatform, config: TrainConfig, run: RunRecord): Promise<void> {
  if (platform.training === null) throw noTraining();
  const base = knownBase(baseName(platform, config.base));
  const dataset = await datasetOf(platform, run);
  const load = dataset === null ? null : loadOf(dataset, config);
  if (base !== null) chooseMachine({ base, train: config, offers: offersOf(platform.training), load });
  if (load?.rows === 0) {
    throw new InputError("training_unfit", `The dataset of run ${run.id} has no row in ${datasetsOf(config).join(" and ")}.`, {
      hint: "Its card, README.md, says what was left out, and why.",
    });
  }
}

function loadOf(dataset: DatasetManifest, config: TrainConfig): TrainingLoad {
  const sum = (what: "rows" | "tokens"): number => datasetsOf(config).reduce((total, name) => total + dataset[name][what], 0);
  return { rows: sum("rows"), tokens: sum("tokens") };
}

/** What the run's own export says of itself; null where an older serac made it. */
async function datasetOf({ artifacts }: ControlPlatform, { id, config }: RunRecord): Promise<DatasetManifest | null> {
  const formats = [...new Set(config.dataset.formats)];
  const folder = formats.length === 1 ? "" : `${formats[0]}/`;
  const key = `${DATASETS_PREFIX}${id}/${folder}${DATASET_MANIFEST}`;
  try {
    return readDatasetManifest(await artifacts.get(key), artifacts.locate(key));
  } catch (error) {
    if (error instanceof SeracError && (error.code === "artifact_missing" || error.code === "dataset_invalid")) return null;
    throw error;
  }
}
