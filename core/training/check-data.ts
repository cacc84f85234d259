import type { TrainConfig } from "../config/schema.ts";
import { SERVE_TEMPLATE_SHA256, type DatasetManifest } from "../dataset/index.ts";
import { InputError } from "../errors/index.ts";
import { datasetsOf } from "./job-of.ts";

/** Fewer teach nothing that could be measured. */
const LEAST_ROWS = 8;
const FEW_ROWS = 100;

/**
 * Whether a dataset can be trained on; `where` names it in messages. Returns sentences for a person. InputError("training_unfit") for one
 * that is empty or tiny, made in a rehearsal, with several toolsets, in another format, or for another chat template.
 */
export function checkTrainingData(manifest: DatasetManifest, train: TrainConfig, where: string): readonly string[] {
  const rows = rowsOf(manifest, train);
  checkKind(manifest, train, where);
  const datasets = datasetsOf(train).join(" and ");
  if (rows === 0) {
    throw unfit(
      `${where} has no row in ${datasets}.`,
      "`serac score` says what was accepted; the filters of `dataset` say what is left out.",
    );
  }
  if (rows < LEAST_ROWS && !train.allowRehearsal) {
    throw unfit(
      `${where} has ${rows} rows in ${datasets}: at least ${LEAST_ROWS} are needed.`,
      "Make a run with more samples (plan.samples).",
    );
  }
  return notesOf(manifest, train, rows);
}

export const rowsOf = (manifest: DatasetManifest, train: Pick<TrainConfig, "datasets">): number =>
  datasetsOf(train).reduce((sum, dataset) => sum + manifest[dataset].rows, 0);

function checkKind({ format, toolsets, rehearsal, templateSha256 }: DatasetManifest, train: TrainConfig, where: string): void {
  if (format !== "openai")
    throw unfit(`${where} is in the format ${format}; training takes openai.`, "`serac export --format openai` writes it.");
  if (toolsets.length > 1) {
    throw unfit(`${where} mixes the toolsets ${toolsets.join(" and ")}.`, "A model learns one toolset: take the dataset of one run.");
  }
  if (rehearsal && !train.allowRehearsal) {
    throw unfit(
      `${where} was made by the rehearsal teacher, which teaches nothing.`,
      "Make a run with a teacher; or set train.allowRehearsal (--allow-rehearsal) to see that all parts work.",
    );
  }
  if (templateSha256 !== SERVE_TEMPLATE_SHA256) {
    throw unfit(`${where} was made for another chat template than this serac serves.`, "Export the run again with this serac.");
  }
}

function notesOf({ contextTokens }: DatasetManifest, train: TrainConfig, rows: number): readonly string[] {
  const heldOut = Math.round(rows * train.heldOut);
  return [
    ...(rows < FEW_ROWS ? [`${rows} rows are few: the paper's models saw thousands.`] : []),
    ...(train.heldOut > 0 && heldOut === 0 ? [`None of ${rows} rows may be held out: there would be no loss to measure then.`] : []),
    ...(contextTokens > train.contextTokens
      ? [`Rows have up to ${contextTokens} tokens; they are cut behind a reply at train.contextTokens (${train.contextTokens}).`]
      : []),
  ];
}

const unfit = (message: string, hint: string): InputError => new InputError("training_unfit", message, { hint });
