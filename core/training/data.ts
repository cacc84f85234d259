import { createHash } from "node:crypto";
import type { DatasetSink } from "../dataset/index.ts";
import { DATASET_MANIFEST, exportRun, readDatasetManifest, type ExportHooks, type ExportOptions } from "../dataset/index.ts";
import { InputError, SeracError } from "../errors/index.ts";
import type { ArtifactStore } from "../svg/artifacts.ts";
import { checkTrainingData, rowsOf } from "./check-data.ts";
import { datasetsOf } from "./job-of.ts";
import type { ModelData, ModelRecord } from "./model.ts";
import { dataPrefix } from "./names.ts";
import type { TrainingPlatform } from "./platform.ts";
import { textHashesOf } from "./text-hashes.ts";

export interface TrainingExport {
  /** Writes below dataPrefix(model.id). */
  readonly sink: DatasetSink;
  /** Of serac. */
  readonly version: string;
  readonly tokenizer?: ExportOptions["tokenizer"];
  readonly hooks?: ExportHooks;
}

/** What a model is trained on, and what a person should know of it. */
export interface TrainingData {
  readonly data: ModelData;
  readonly templateSha256: string;
  readonly notes: readonly string[];
}

/**
 * Exports the trajectories of the model's run into the model's own `data/`, at once or not at all. Filters and selection are the run's.
 * Done twice, it is written twice. InputError("run_unknown"), and what readTrainingData throws.
 */
export async function writeTrainingData(
  platform: Pick<TrainingPlatform, "store" | "artifacts">,
  model: ModelRecord,
  { sink, version, tokenizer, hooks }: TrainingExport,
): Promise<TrainingData> {
  if (model.runId === null) throw new InputError("training_unfit", `Model ${model.id} comes from a folder: there is no run to export.`);
  const options: ExportOptions = { format: "openai", kinds: ["jsonl"], sink, version, ...(tokenizer === undefined ? {} : { tokenizer }) };
  await exportRun(platform, model.runId, options, hooks);
  return readTrainingData(platform.artifacts, model);
}

/**
 * What lies in the model's `data/`, checked: that it can be trained on, and that the rows are those that dataset.json tells of.
 * InputError("training_unfit"), InputError("dataset_invalid").
 */
export async function readTrainingData(
  artifacts: Pick<ArtifactStore, "get" | "stream" | "list" | "locate">,
  model: Pick<ModelRecord, "id" | "config">,
): Promise<TrainingData> {
  const prefix = dataPrefix(model.id);
  const where = artifacts.locate(`${prefix}${DATASET_MANIFEST}`);
  const manifest = readDatasetManifest(await manifestBytes(artifacts, `${prefix}${DATASET_MANIFEST}`), where);
  const notes = checkTrainingData(manifest, model.config, where);
  const all = createHash("sha256");
  for (const dataset of datasetsOf(model.config)) {
    const part = createHash("sha256");
    const rows = await textHashesOf(artifacts, `${prefix}${dataset}/`, (line) => {
      all.update(line);
      part.update(line);
    });
    if (rows !== manifest[dataset].rows || part.digest("hex") !== manifest[dataset].textsSha256) {
      throw new InputError("dataset_invalid", `The rows of ${dataset} are not those that ${where} tells of.`, {
        hint: "Export the run again.",
      });
    }
  }
  const sum = (of: "tokens" | "trainedTokens"): number =>
    datasetsOf(model.config).reduce((total, dataset) => total + manifest[dataset][of], 0);
  const data: ModelData = {
    rows: rowsOf(manifest, model.config),
    tokens: sum("tokens"),
    trainedTokens: sum("trainedTokens"),
    toolset: manifest.toolsets[0] ?? "",
    rehearsal: manifest.rehearsal,
    textsSha256: all.digest("hex"),
  };
  return { data, templateSha256: manifest.templateSha256!, notes };
}

async function manifestBytes(artifacts: Pick<ArtifactStore, "get" | "locate">, key: string): Promise<Uint8Array> {
  try {
    return await artifacts.get(key);
  } catch (error) {
    if (!(error instanceof SeracError) || error.code !== "artifact_missing") throw error;
    throw new InputError("dataset_invalid", `${artifacts.locate(key)} is missing: there is no dataset.`, {
      hint: "`serac export --format openai` writes one.",
      cause: error,
    });
  }
}
