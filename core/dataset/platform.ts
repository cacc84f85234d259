import type { ArtifactStore } from "../svg/artifacts.ts";
import type { RunStore } from "../svg/store.ts";

/** What an export needs of a platform; every StatePlatform is one. */
export interface ExportPlatform {
  readonly store: Pick<RunStore, "getRun" | "listSamples" | "patchOwner">;
  readonly artifacts: Pick<ArtifactStore, "get" | "put" | "locate">;
}
