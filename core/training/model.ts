import type { TrainConfig } from "../config/schema.ts";
import type { TrainingEvent } from "./events.ts";
import type { MachineChoice } from "./machine-choice.ts";

/** `preparing`: its data is written and checked; `waiting`: for a machine; `training`: on one. */
export const MODEL_STATES = ["preparing", "waiting", "training", "ready", "failed", "cancelled"] as const;
export type ModelState = (typeof MODEL_STATES)[number];
export const OPEN_MODEL_STATES: readonly ModelState[] = ["preparing", "waiting", "training"];

/** What a model was trained on. */
export interface ModelData {
  readonly rows: number;
  readonly tokens: number;
  readonly trainedTokens: number;
  readonly toolset: string;
  readonly rehearsal: boolean;
  readonly textsSha256: string;
}

export interface ModelJob {
  /** Of AWS Batch; null on one machine. */
  readonly jobId: string | null;
  readonly attempts: number;
}

/** One trained model, or one that is being trained, and where it comes from. Plain JSON. */
export interface ModelRecord {
  readonly id: string;
  readonly name: string;
  readonly state: ModelState;
  /** For a person: what is waited for, or why it failed. */
  readonly detail: string | null;
  /** Of the failure: a TrainingFailure, or an ErrorCode. */
  readonly code: string | null;
  readonly hint: string | null;
  /** Null for a dataset that came from a folder. */
  readonly runId: string | null;
  readonly repository: string;
  readonly commit: string | null;
  readonly config: TrainConfig;
  /** Null until the data is written. */
  readonly data: ModelData | null;
  readonly templateSha256: string | null;
  /** Null on one machine. */
  readonly machine: MachineChoice | null;
  readonly job: ModelJob | null;
  /** What the trainer said last of how it ended. */
  readonly result: Extract<TrainingEvent, { event: "published" }> | null;
  /** What the machines cost so far, by the price table of serac; null on one machine. Micro-USD. */
  readonly costMicroUsd: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ModelPage {
  readonly limit: number;
  /** Id of the last model of the page before. */
  readonly after?: string;
}

export type ModelChange = Partial<Omit<ModelRecord, "id" | "createdAt" | "updatedAt">>;

/** Port: the models. Writes are conditional, as those of RunStore. */
export interface ModelStore {
  /** ConflictError("state_conflict") when the id is taken. */
  createModel(model: ModelRecord): Promise<void>;
  /** Null when unknown. */
  getModel(modelId: string): Promise<ModelRecord | null>;
  /** Newest first; all of them without a page. */
  listModels(page?: ModelPage): Promise<readonly ModelRecord[]>;
  /** ConflictError("state_conflict") unless the model is in one of `from`. */
  changeModel(modelId: string, from: readonly ModelState[], change: ModelChange): Promise<ModelRecord>;
  /** ConflictError("state_conflict") unless it is in one of `from`; no error when it is gone. */
  removeModel(modelId: string, from: readonly ModelState[]): Promise<void>;
}
