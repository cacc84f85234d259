import { ConflictError } from "../../errors/index.ts";
import type { TrainConfig } from "../../config/schema.ts";
import { newRunId } from "../../svg/pipeline/index.ts";
import type { ModelRecord } from "../../training/model.ts";
import type { ApiKeyRecord, ControlPlatform } from "../platform.ts";
import { startModel } from "../training/start-model.ts";
import { claimedId } from "./claimed-id.ts";
import { readTrain } from "./read-train.ts";
import { unknownId } from "./validation.ts";

export interface RequestedModel {
  readonly runId: string;
  readonly name?: string | undefined;
  readonly train?: Readonly<Record<string, unknown>> | undefined;
  /** Null: every request starts a model of its own. */
  readonly idempotencyKey: string | null;
}

/**
 * Starts the training of a model on a run's dataset. With an idempotency key, the model that it began before, also when the answer to
 * that request was lost. ConflictError when the key was used for something else, or when the run has no dataset.
 */
export async function startRequested(
  platform: ControlPlatform,
  key: ApiKeyRecord,
  { runId, name: wanted, train = {}, idempotencyKey }: RequestedModel,
): Promise<{ readonly model: ModelRecord; readonly isNew: boolean }> {
  const run = await platform.store.getRun(runId);
  if (run === null) throw unknownId("runId", runId);
  const config = readTrain(run.config.train, train);
  const name = wanted ?? config.name ?? run.name;
  const id = await claimedId(platform, key, "model", idempotencyKey, newRunId(name, new Date(platform.clock.now()).toISOString()));
  const before = await platform.models.getModel(id);
  if (before !== null && !isSame(before, runId, name, config)) throw otherRequest(id);
  return { model: await startModel(platform, { id, run, config, name }), isNew: before === null };
}

const isSame = (model: ModelRecord, runId: string, name: string, config: TrainConfig): boolean =>
  model.runId === runId && model.name === name && JSON.stringify(model.config) === JSON.stringify(config);

const otherRequest = (modelId: string): ConflictError =>
  new ConflictError("state_conflict", `This Idempotency-Key has started another model already, ${modelId}.`, {
    hint: "Take a new key for a new model.",
  });
