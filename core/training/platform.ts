import type { Clock } from "../errors/clock.ts";
import type { ArtifactStore } from "../svg/artifacts.ts";
import type { RunStore } from "../svg/store.ts";
import type { ModelStore } from "./model.ts";

/** What training needs of a platform, on one machine and in the cloud. */
export interface TrainingPlatform {
  readonly store: RunStore;
  readonly artifacts: ArtifactStore;
  readonly models: ModelStore;
  readonly clock: Clock;
}
