import type { DatasetName } from "./rollouts.ts";

export interface ExportHooks {
  /** Called now and then. `considered` counts rollouts that were looked at. */
  readonly onProgress?: (progress: ExportProgress) => void;
  /** Aborted: nothing is exported, the signal's reason is thrown. */
  readonly signal?: AbortSignal;
}

export interface ExportProgress {
  readonly dataset: DatasetName;
  /** `measure`: rollouts are looked at before some are chosen. */
  readonly phase: "measure" | "write";
  readonly considered: number;
  readonly rows: number;
}
