import type { TrainConfig } from "../config/schema.ts";
import { newRunId } from "../svg/pipeline/index.ts";
import type { ModelRecord } from "./model.ts";

export interface NewModel {
  /** Default: a new one, from the name and the time. */
  readonly id?: string;
  readonly name: string;
  /** Null for a dataset that came from a folder. */
  readonly runId: string | null;
  readonly repository: string;
  readonly commit: string | null;
  readonly config: TrainConfig;
  readonly nowMs: number;
}

/** A model at the very beginning of its life; nothing is written. */
export function newModel({ id, name, runId, repository, commit, config, nowMs }: NewModel): ModelRecord {
  const now = new Date(nowMs).toISOString();
  return {
    id: id ?? newRunId(name, now),
    name,
    state: "preparing",
    detail: null,
    code: null,
    hint: null,
    runId,
    repository,
    commit,
    config,
    data: null,
    templateSha256: null,
    machine: null,
    job: null,
    result: null,
    costMicroUsd: null,
    createdAt: now,
    updatedAt: now,
  };
}
