import { TRAIN_DEFAULTS } from "../config/schema.ts";
import { InputError } from "../errors/index.ts";
import type { RunRecord } from "../svg/store.ts";
import { acceptanceOf } from "./acceptance.ts";
import { renderCard } from "./card/card.ts";
import type { CardInput } from "./card/card-input.ts";
import { exportDataset, type ExportedDataset } from "./export-dataset.ts";
import type { ExportHooks } from "./export-hooks.ts";
import { resolveOptions, type ExportOptions } from "./export-options.ts";
import { formatNamed, type FormatName } from "./formats/index.ts";
import { collectTextHashes, DATASET_MANIFEST, datasetManifestJson } from "./manifest.ts";
import { isRehearsal, manifestOf } from "./manifest-of.ts";
import type { ExportPlatform } from "./platform.ts";
import { recipesOf } from "./recipes/index.ts";
import type { RecipeFile } from "./recipes/recipe.ts";
import type { DatasetName } from "./rollouts.ts";
import type { DatasetSink } from "./sink.ts";
import type { DatasetStatistics } from "./statistics.ts";
import { qwen3Tokenizer } from "./tokenizer/index.ts";
import { keepHeapLean } from "./write/lean-heap.ts";

export interface ExportReport {
  readonly runId: string;
  readonly format: ExportOptions["format"];
  /** Where a person finds it. */
  readonly location: string;
  readonly rehearsal: boolean;
  readonly t1: DatasetStatistics;
  readonly t2: DatasetStatistics;
  /** Characters of JSON written, both datasets together. */
  readonly characters: number;
}

/**
 * Writes T1, T2, the card and dataset.json of a run into `options.sink`, at once or not at all. Samples that are not final yet are left out. Memory
 * does not grow with the run beyond a few numbers per rollout. Throws SeracError("run_unknown"); a trajectory that is damaged or cannot
 * be written is left out and counted.
 */
export async function exportRun(
  platform: ExportPlatform,
  runId: string,
  options: ExportOptions,
  hooks: ExportHooks = {},
): Promise<ExportReport> {
  const { sink } = options;
  const release = keepHeapLean();
  try {
    const run = await knownRun(platform, runId);
    const resolved = resolveOptions(options, run.config);
    const counting = { format: formatNamed(options.format), tokenizer: options.tokenizer ?? (await qwen3Tokenizer()) };
    const context = { platform, run, options: resolved, counting, sink, hooks, texts: collectTextHashes() };
    const done = { t1: await exportDataset("t1", context), t2: await exportDataset("t2", context) };
    const acceptance = await acceptanceOf(platform.store, runId);
    const input: CardInput = { run, options: resolved, counting, acceptance, t1: done.t1.statistics, t2: done.t2.statistics };
    await writeText(sink, DATASET_MANIFEST, datasetManifestJson(manifestOf(input, context.texts.digest())));
    for (const { path, text } of recipes(options.format, run, done)) await writeText(sink, path, text);
    await writeText(sink, "README.md", renderCard(input));
    hooks.signal?.throwIfAborted();
    return {
      runId,
      format: options.format,
      location: await sink.commit(),
      rehearsal: isRehearsal(input),
      t1: done.t1.statistics,
      t2: done.t2.statistics,
      characters: done.t1.characters + done.t2.characters,
    };
  } catch (error) {
    await sink.abort();
    throw error;
  } finally {
    release();
  }
}

/** Of rows that are text; structured ones need a template that only serac's trainer applies. */
function recipes(format: FormatName, { config }: RunRecord, done: Readonly<Record<DatasetName, ExportedDataset>>): readonly RecipeFile[] {
  if (format !== "hermes" && format !== "xml") return [];
  const filesOf = ({ statistics, files }: ExportedDataset): readonly string[] => (statistics.rows === 0 ? [] : files);
  return recipesOf({ files: { t1: filesOf(done.t1), t2: filesOf(done.t2) }, train: config.train ?? TRAIN_DEFAULTS });
}

async function writeText(sink: DatasetSink, path: string, text: string): Promise<void> {
  const file = await sink.create(path);
  await file.write(Buffer.from(text));
  await file.close();
}

async function knownRun(platform: ExportPlatform, runId: string): Promise<RunRecord> {
  const run = await platform.store.getRun(runId);
  if (run === null) throw new InputError("run_unknown", `There is no run ${runId}.`, { hint: "`serac status` lists the runs." });
  return run;
}
