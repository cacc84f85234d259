import type { RunRecord } from "../../svg/store.ts";
import type { RunAcceptance } from "../acceptance.ts";
import type { ResolvedOptions } from "../export-options.ts";
import type { Counting } from "../rollouts.ts";
import type { DatasetStatistics } from "../statistics.ts";

export interface CardInput {
  readonly run: RunRecord;
  readonly options: ResolvedOptions;
  readonly counting: Counting;
  readonly acceptance: RunAcceptance;
  readonly t1: DatasetStatistics;
  readonly t2: DatasetStatistics;
}
