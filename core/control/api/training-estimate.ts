import type * as z from "zod";
import type { SeracConfig } from "../../config/schema.ts";
import type { Measured } from "../../plan/earlier/measure.ts";
import { estimateTraining } from "../../training/estimate.ts";
import { loadOfPlan } from "../../training/expected-load.ts";
import { knownBase } from "../../training/known-bases.ts";
import { EVERY_MACHINE, offersOf } from "../../training/offers.ts";
import type { ControlPlatform } from "../platform.ts";
import type { estimateSchema } from "./wire/estimate.ts";

type Wire = Pick<z.input<typeof estimateSchema>, "training" | "notes">;

/** What training on the run's dataset would cost, on the machines of this deployment; on all of AWS's where it has none. */
export function trainingOf(
  { training }: Pick<ControlPlatform, "training">,
  config: SeracConfig,
  samples: number,
  measured: Measured | null,
): Wire {
  const { train } = config;
  if (train === undefined) return { training: null, notes: [] };
  const base = knownBase(train.base);
  if (base === null) {
    return { training: null, notes: [`Training is not in these figures: the shape of ${train.base} is known when its files are there.`] };
  }
  const offers = training === null ? EVERY_MACHINE : offersOf(training);
  const notes = training === null ? ["This deployment trains no models: what training would cost on machines of AWS is told."] : [];
  return { training: estimateTraining({ train, base, load: loadOfPlan(config, train, samples, measured), offers }), notes };
}
