import type { SeracConfig } from "../config/schema.ts";
import type { RepositorySource } from "../survey/repository.ts";
import type { EventSink } from "./events.ts";
import type { Platform, StatePlatform } from "./platform.ts";
import type { RunRecord } from "./store.ts";
import type { RunSummary } from "./summary.ts";

export interface NewRun {
  readonly config: SeracConfig;
  readonly repository: RepositorySource;
  /** A folder that the sandbox provider may own for this run. */
  readonly sandboxDirectory: string;
}

export interface ExecuteOptions {
  /** Ctrl-C: rollouts checkpoint, the run becomes `paused`, PausedError is thrown. */
  readonly signal?: AbortSignal;
  readonly onEvent: EventSink;
  /** Needed only until the run is planned. */
  readonly repository: RepositorySource;
  readonly sandboxDirectory: string;
}

// Signatures agreed; bodies follow.
export declare function createRun(platform: StatePlatform, request: NewRun & { readonly rehearsal: boolean }): Promise<RunRecord>;
/** Prepares (snapshot, install, survey, plan) what is not prepared yet, then works until every sample is final. */
export declare function executeRun(platform: Platform, runId: string, options: ExecuteOptions): Promise<RunSummary>;
export declare function cancelRun(platform: StatePlatform, runId: string): Promise<RunSummary>;
export declare function summarizeRun(platform: StatePlatform, runId: string): Promise<RunSummary>;
