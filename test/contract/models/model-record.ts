import { configSchema, type TrainConfig } from "../../../core/config/schema.ts";
import type { ModelRecord } from "../../../core/training/model.ts";
import { newModel } from "../../../core/training/new-model.ts";

export const trainConfig = (change: Partial<TrainConfig> = {}): TrainConfig => ({ ...configSchema.parse({ train: {} }).train!, ...change });

export const modelRecord = (change: Partial<ModelRecord> = {}): ModelRecord => ({
  ...newModel({
    id: "model1",
    name: "example",
    runId: "run1",
    repository: ".",
    commit: null,
    config: trainConfig(),
    nowMs: Date.parse("2026-01-01T00:00:00Z"),
  }),
  ...change,
});
