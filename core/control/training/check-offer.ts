import type { TrainConfig } from "../../config/schema.ts";
import { chooseMachine } from "../../training/choose-machine.ts";
import { knownBase } from "../../training/known-bases.ts";
import { offersOf } from "../../training/offers.ts";
import type { ControlPlatform } from "../platform.ts";
import { baseName } from "./base.ts";
import { noTraining } from "./no-training.ts";

/** What can be said of a training before its data and its base are looked at. InputError("training_unfit"). */
export function checkOffer(platform: ControlPlatform, config: TrainConfig): void {
  if (platform.training === null) throw noTraining();
  const base = knownBase(baseName(platform, config.base));
  if (base !== null) chooseMachine({ base, train: config, offers: offersOf(platform.training), load: null });
}
