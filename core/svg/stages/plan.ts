import { firstRolloutId } from "../names.ts";
import type { Stage } from "./stage.ts";

/** planned -> first: the first attempt gets its rollout. */
export const planStage: Stage = (sample) =>
  Promise.resolve({ to: "first", change: { attempts: 1, firstRolloutId: firstRolloutId(sample.id, 1) } });
