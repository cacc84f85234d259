import type { TrainConfig } from "../config/schema.ts";
import { learningRateOf, loraAlphaOf } from "../config/train-settings.ts";
import { SeracError } from "../errors/index.ts";
import { TRAINING_JOB_SCHEMA, trainingJobSchema, type TrainingJob } from "./job.ts";
import type { ModelRecord } from "./model.ts";

export interface JobBase {
  /** Where the trainer finds it: a folder, an s3:// prefix, the name of a model on a hub. */
  readonly source: string;
  /** What the published adapter calls it. */
  readonly name: string;
}

/** job.json of a model whose data is written. */
export function jobOf(model: ModelRecord, { source, name }: JobBase, seracVersion: string): TrainingJob {
  const { config, data, templateSha256, machine } = model;
  if (data === null || templateSha256 === null)
    throw new SeracError("training_failed", `The data of model ${model.id} is not written yet.`);
  return trainingJobSchema.parse({
    schema: TRAINING_JOB_SCHEMA,
    modelId: model.id,
    name: model.name,
    base: { source, revision: config.revision ?? null, name },
    data: {
      datasets: [...datasetsOf(config)],
      rows: data.rows,
      toolset: data.toolset,
      rehearsal: data.rehearsal,
      textsSha256: data.textsSha256,
    },
    templateSha256,
    settings: { ...settingsOf(config), sequenceParallel: machine?.sequenceParallel ?? 1 },
    lineage: { runId: model.runId, repository: model.repository, commit: model.commit, seracVersion },
  } satisfies TrainingJob);
}

/** As job.json lies beside the data. */
export const jobText = (job: TrainingJob): string => `${JSON.stringify(job, null, 2)}\n`;

/** t1 before t2, each once: the order in which rows are read, and hashed. */
export const datasetsOf = ({ datasets }: Pick<TrainConfig, "datasets">): readonly ("t1" | "t2")[] =>
  (["t1", "t2"] as const).filter((dataset) => datasets.includes(dataset));

function settingsOf(config: TrainConfig): Omit<TrainingJob["settings"], "sequenceParallel"> {
  const { method, contextTokens, epochs, batchSize, warmupSteps, weightDecay, loraRank, saveSteps, heldOut, seed, allowRehearsal } = config;
  return {
    ...{ method, contextTokens, epochs, batchSize, warmupSteps, weightDecay, loraRank, saveSteps, heldOut, seed, allowRehearsal },
    learningRate: learningRateOf(config),
    loraAlpha: loraAlphaOf(config),
  };
}
