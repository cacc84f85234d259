import type * as z from "zod";
import type { TrainingEvent } from "../../training/events.ts";
import { OPEN_MODEL_STATES, type ModelRecord } from "../../training/model.ts";
import { weightsPrefix } from "../../training/names.ts";
import type { ControlPlatform } from "../platform.ts";
import { lastProgress } from "../training/last-progress.ts";
import type { modelSchema, modelSummarySchema } from "./wire/models.ts";

export function modelSummaryOf(model: ModelRecord): z.input<typeof modelSummarySchema> {
  const { id, name, state, detail, code, hint, runId, repository, commit, config, data, costMicroUsd, createdAt, updatedAt } = model;
  return {
    ...{ id, name, state, detail, code, hint, runId, repository, commit },
    base: config.base,
    method: config.method,
    rehearsal: data?.rehearsal ?? null,
    ...{ costMicroUsd, createdAt, updatedAt },
  };
}

export async function modelDetailOf(platform: ControlPlatform, model: ModelRecord): Promise<z.input<typeof modelSchema>> {
  const last = model.job === null ? null : await lastProgress(platform.artifacts, model.id);
  const isOpen = OPEN_MODEL_STATES.includes(model.state);
  return {
    ...modelSummaryOf(model),
    config: { ...model.config },
    data: model.data,
    templateSha256: model.templateSha256,
    machine: model.machine,
    job: model.job,
    progress: last === null ? null : progressOf(last),
    etaSeconds: isOpen && last?.event === "step" && last.etaSeconds !== null ? Math.ceil(last.etaSeconds) : null,
    metrics: model.result,
    location: model.state === "ready" ? platform.artifacts.locate(weightsPrefix(model.id).slice(0, -1)) : null,
  };
}

type Progress = NonNullable<z.input<typeof modelSchema>["progress"]>;

function progressOf(event: TrainingEvent): Progress {
  const step = event.event === "step" ? event : null;
  return {
    at: event.at,
    event: event.event,
    step: "step" in event ? event.step : null,
    steps: step?.steps ?? null,
    epoch: step?.epoch ?? null,
    loss: step?.loss ?? null,
    tokensPerSecond: step?.tokensPerSecond ?? null,
    tokens: step?.tokens ?? null,
    detail: event.event === "stage" ? `${event.stage}: ${event.detail}` : null,
  };
}
