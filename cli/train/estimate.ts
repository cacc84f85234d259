import type { SeracConfig, TrainConfig } from "../../core/config/schema.ts";
import type { Measured } from "../../core/plan/earlier/measure.ts";
import { estimateTraining, type TrainingEstimate } from "../../core/training/estimate.ts";
import { loadOfPlan } from "../../core/training/expected-load.ts";
import { EVERY_MACHINE } from "../../core/training/offers.ts";
import { localBase } from "./base.ts";

export interface PlannedTraining {
  readonly config: SeracConfig;
  readonly train: TrainConfig;
  readonly samples: number;
  readonly measured: Measured | null;
}

/** What training on a run's dataset would take, before there is a run; a note where the base's shape is not known. InputError("training_unfit"). */
export async function trainingOfPlan(
  { config, train, samples, measured }: PlannedTraining,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly training: TrainingEstimate | null; readonly note: string | null }> {
  const { facts } = await localBase(train, env);
  if (facts === null)
    return {
      training: null,
      note: `Nothing is known of the base ${train.base}: a folder with its config.json tells what training it takes.`,
    };
  return {
    training: estimateTraining({ train, base: facts, load: loadOfPlan(config, train, samples, measured), offers: EVERY_MACHINE }),
    note: null,
  };
}
