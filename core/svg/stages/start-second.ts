import { secondRolloutId } from "../names.ts";
import type { Stage } from "./stage.ts";

/** described -> second. */
export const startSecondStage: Stage = (sample) =>
  Promise.resolve({ to: "second", change: { secondRolloutId: secondRolloutId(sample.id) } });
