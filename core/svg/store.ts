import type { BaseSnapshot } from "../agent/sandbox.ts";
import type { Usage } from "../agent/teacher.ts";
import type { SeracConfig } from "../config/schema.ts";
import type { SampleReason, SampleRecord, SampleState } from "./sample.ts";

export const RUN_STATES = ["preparing", "running", "paused", "finished", "cancelled", "failed"] as const;
export type RunState = (typeof RUN_STATES)[number];
/** States from which a run does not go on. */
export const FINISHED_RUN_STATES: readonly RunState[] = ["finished", "cancelled"];

/** One dataset build. Plain JSON. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly config: SeracConfig;
  /** As the user gave it; for messages. */
  readonly repository: string;
  /** Where the repository came in an archive: the archive's key, and the drop that wants to hear how the run ends. */
  readonly archive?: RunArchive;
  readonly commit: string | null;
  readonly state: RunState;
  /** For a person: why it is paused or failed. */
  readonly detail: string | null;
  readonly rehearsal: boolean;
  readonly sandbox: BaseSnapshot | null;
  /** Samples in the plan; 0 until planned. */
  readonly planned: number;
  /** Functions the survey found; 0 until surveyed. */
  readonly functions: number;
  /** Where a person finds the dataset that was written when the run ended; only in the cloud. None while it goes on, or goes on again. */
  readonly dataset?: string | null;
  /** What became of its `train` section when it was finished; only in the cloud. */
  readonly model?: RunModel;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface RunModel {
  /** Null: none was started. */
  readonly id: string | null;
  /** For a person: why not. */
  readonly note: string | null;
}

export interface RunArchive {
  readonly key: string;
  readonly drop: string | null;
  /** Of the content that the run was started with; what lies there under another version is another repository. */
  readonly version?: string;
}

export interface Lease {
  /** Or the run's id, for the lease of a whole run. */
  readonly sampleId: string;
  readonly owner: string;
  /** Fencing token: grows with every lease of the sample; a transition under an older one fails. */
  readonly token: number;
  readonly expiresAtMs: number;
}

/** How far the samples of a run have been given tasks. */
export interface TaskWindow {
  /** Samples that had their result when the window was opened, and those that were given a task since. */
  readonly given: number;
  /** Of the samples up to this index, each has its result or was given a task; -1: none was. */
  readonly lastIndex: number;
}

export interface VersionedWindow extends TaskWindow {
  /** Grows with every move; 0: the window was never opened. */
  readonly version: number;
}

export interface SampleQuery {
  readonly states?: readonly SampleState[];
  /** Return samples whose index is greater. */
  readonly afterIndex?: number;
  readonly limit: number;
}

export interface StateCount {
  readonly state: SampleState;
  readonly reason: SampleReason | null;
  readonly samples: number;
}

export interface Spend {
  /** Null: no limit. */
  readonly budgetMicroUsd: number | null;
  readonly settledMicroUsd: number;
  /** Held for calls in flight. */
  readonly reservedMicroUsd: number;
  readonly settledCalls: number;
  readonly reservedCalls: number;
  /** Calls begun more than once because the reply to an earlier try was lost; the teacher may have billed those tries. */
  readonly uncertainCalls: number;
  readonly usage: Usage;
}

/** Over the samples of a run that have a score. */
export interface ScoreStatistics {
  readonly samples: number;
  /** Ten bins of recall: [0,0.1) … [0.9,1]. */
  readonly recallHistogram: readonly number[];
  /** Null without samples. */
  readonly recallMean: number | null;
}

export interface RunPage {
  readonly limit: number;
  /** Id of the last run of the page before. */
  readonly after?: string;
}

export type SampleChange = Partial<Omit<SampleRecord, "id" | "runId" | "index" | "function" | "state" | "updatedAt">>;
export type RunChange = Partial<Omit<RunRecord, "id" | "createdAt" | "updatedAt">>;

/** Port: runs, samples, leases, spend. All writes are conditional; nothing is read, changed and written back without a check. */
export interface RunStore {
  createRun(run: RunRecord): Promise<void>;
  /** Null when unknown. */
  getRun(runId: string): Promise<RunRecord | null>;
  /** Newest first; all of them without a page. */
  listRuns(page?: RunPage): Promise<readonly RunRecord[]>;
  /** ConflictError("state_conflict") unless the run is in one of `from`. */
  changeRun(runId: string, from: readonly RunState[], change: RunChange): Promise<RunRecord>;

  /** Idempotent by sample id. */
  addSamples(samples: readonly SampleRecord[]): Promise<void>;
  getSample(sampleId: string): Promise<SampleRecord | null>;
  /** By index. */
  listSamples(runId: string, query: SampleQuery): Promise<readonly SampleRecord[]>;
  countSamples(runId: string): Promise<readonly StateCount[]>;
  scoreStatistics(runId: string): Promise<ScoreStatistics>;

  /** Of a sample, or of a run by its own id. Null while somebody else's lease is valid. */
  acquireLease(sampleId: string, owner: string, ttlMs: number): Promise<Lease | null>;
  /** ConflictError("fenced") when the lease was taken over. */
  renewLease(lease: Lease, ttlMs: number): Promise<Lease>;
  /** No error when the lease is no longer ours. */
  releaseLease(lease: Lease): Promise<void>;
  /** Conditional on the lease's token and on the state; ConflictError("fenced" | "state_conflict"). `to` may equal `from`. */
  transition(lease: Lease, from: SampleState, to: SampleState, change: SampleChange): Promise<SampleRecord>;

  taskWindow(runId: string): Promise<VersionedWindow>;
  /** Conditional on the version; false when somebody else moved the window since that was read. */
  moveTaskWindow(runId: string, version: number, to: TaskWindow): Promise<boolean>;

  /** The sample that holds this patch, or null. */
  patchOwner(runId: string, patchHash: string): Promise<string | null>;
  /** Claims the patch for the sample; returns the owner, which is another sample when it came first. */
  claimPatch(runId: string, patchHash: string, sampleId: string): Promise<string>;

  setBudget(runId: string, budgetMicroUsd: number | null): Promise<void>;
  /** Atomically: settled + reserved + amount <= budget, else PausedError("budget_exhausted"). The same callId again counts as a new try. */
  reserve(runId: string, callId: string, amountMicroUsd: number): Promise<void>;
  /** Idempotent by callId; works without a reservation (replay after a crash). */
  settle(runId: string, callId: string, amountMicroUsd: number, usage: Usage): Promise<void>;
  /** The call brought nothing and will not be billed. No error when unknown or settled. */
  release(runId: string, callId: string): Promise<void>;
  spend(runId: string): Promise<Spend>;
}
