import type { Trajectory } from "../agent/trajectory.ts";
import { InputError, SeracError } from "../errors/index.ts";
import type { SampleRecord } from "../svg/sample.ts";
import type { RunRecord } from "../svg/store.ts";
import { readTrajectory } from "../svg/trajectories.ts";
import { finalSamples } from "./acceptance.ts";
import type { Row } from "./columns/column.ts";
import { metadataOf } from "./columns/metadata.ts";
import { rowColumns } from "./columns/row-columns.ts";
import { conversationOf } from "./conversation.ts";
import type { ExportHooks } from "./export-hooks.ts";
import type { ResolvedOptions } from "./export-options.ts";
import { textSha256, type TextMessage } from "./formats/text-message.ts";
import type { TextHashes } from "./manifest.ts";
import { orderedMap } from "./ordered-map.ts";
import type { ExportPlatform } from "./platform.ts";
import { recordOf } from "./record.ts";
import { rolloutFacts, rolloutFor, type Counting, type DatasetName } from "./rollouts.ts";
import { choose, type Candidate } from "./select/choose.ts";
import { dropReason, type DropReason } from "./select/filter.ts";
import { measureOf, type Measure } from "./select/measure.ts";
import { collectStatistics, type DatasetStatistics } from "./statistics.ts";
import { openShards } from "./write/shards.ts";
import type { DatasetSink } from "./sink.ts";

export interface ExportContext {
  readonly platform: ExportPlatform;
  readonly run: RunRecord;
  readonly options: ResolvedOptions;
  readonly counting: Counting;
  readonly sink: DatasetSink;
  readonly hooks: ExportHooks;
  /** Of all rows, of both datasets. */
  readonly texts: TextHashes;
}

/** Rollouts that are read ahead of the one that is written. */
const AHEAD = 4;
const PROGRESS_EVERY = 100;

export interface ExportedDataset {
  readonly statistics: DatasetStatistics;
  readonly characters: number;
  /** Paths of the rows, of one kind; there is one even where there is no row. */
  readonly files: readonly string[];
}

/** Looks at every rollout of the dataset; where only some are wanted, once to choose and once to write. */
export async function exportDataset(dataset: DatasetName, context: ExportContext): Promise<ExportedDataset> {
  const { options, counting, sink } = context;
  const chosen = options.maxSamples === null ? null : await chooseSamples(dataset, context, options.maxSamples);
  const statistics = collectStatistics();
  const shards = await openShards(sink, {
    folder: dataset,
    columns: rowColumns(counting.format),
    kinds: options.kinds,
    shardCharacters: options.shardCharacters,
  });
  let [considered, rows, characters] = [0, 0, 0];
  for await (const looked of look(dataset, context, chosen)) {
    statistics.consider();
    if (++considered % PROGRESS_EVERY === 0) context.hooks.onProgress?.({ dataset, phase: "write", considered, rows });
    if (looked.drop !== null) {
      statistics.drop(looked.drop);
      continue;
    }
    const { sample, measure, trajectory } = looked;
    const record = recordOf(context.run, sample, dataset, trajectory!);
    const turns = conversationOf(record).slice(0, measure.keptTurns);
    const messages = counting.format.messages(turns, record);
    const textHash = looked.textSha256 ?? hashOf(counting.format.counted.format.render(turns, record.tools));
    if (messages === null || textHash === null)
      throw new SeracError("record_invalid", `Rollout ${record.rolloutId} changed while it was exported.`);
    const row: Row = { messages, tools: counting.format.tools(record), ...metadataOf(record, measure, textHash) };
    characters += await shards.append(row);
    statistics.row(record, measure, textHash);
    context.texts.add(textHash);
    rows++;
  }
  const files = await shards.close();
  context.hooks.onProgress?.({ dataset, phase: "write", considered, rows });
  return { statistics: statistics.result(), characters, files };
}

async function chooseSamples(dataset: DatasetName, context: ExportContext, limit: number): Promise<ReadonlySet<number>> {
  const candidates: Candidate[] = [];
  let considered = 0;
  for await (const { sample, drop, measure } of look(dataset, context, "measure")) {
    if (++considered % PROGRESS_EVERY === 0) context.hooks.onProgress?.({ dataset, phase: "measure", considered, rows: 0 });
    if (drop === null) candidates.push({ index: sample.index, ratio: measure.keptRatio, functionId: sample.function.id });
  }
  return choose(candidates, limit, context.options.select, context.options.seed);
}

type Looked =
  | { readonly sample: SampleRecord; readonly drop: DropReason; readonly measure: Measure | null; readonly trajectory: null }
  | {
      readonly sample: SampleRecord;
      readonly drop: null;
      readonly measure: Measure;
      readonly trajectory: Trajectory | null;
      /** Known beforehand where nothing is cut. */
      readonly textSha256: string | null;
    };

const hashOf = (messages: readonly TextMessage[] | null): string | null => (messages === null ? null : textSha256(messages));

/** What becomes of each rollout of the dataset, in the order of the plan. Trajectories come along unless this only measures. */
async function* look(dataset: DatasetName, context: ExportContext, chosen: ReadonlySet<number> | null | "measure"): AsyncGenerator<Looked> {
  const { platform, run, hooks } = context;
  const patches = new Set<string>();
  const read = async (sample: SampleRecord): Promise<Looked & { readonly patchHash: string | null }> => {
    const rolloutId = rolloutFor(sample, dataset)!;
    const dropped = (drop: DropReason, patchHash: string | null = null) => ({ sample, drop, measure: null, trajectory: null, patchHash });
    try {
      const { facts, trajectory } = await rolloutFacts(platform, run.id, rolloutId, context.counting);
      if (facts.turns === null) return dropped("unwritable");
      if (dataset === "t1") {
        const owner = await platform.store.patchOwner(run.id, facts.patchHash);
        if (owner !== null && owner !== sample.id) return dropped("duplicate");
      }
      const measure = measureOf({ ...facts, turns: facts.turns }, context.options.filters.contextTokens);
      const drop = dropReason(facts, measure, context.options.filters);
      if (drop !== null) return dropped(drop);
      if (chosen !== null && chosen !== "measure" && !chosen.has(sample.index)) return dropped("not_selected", facts.patchHash);
      const needed = chosen === "measure" ? null : (trajectory ?? (await readTrajectory(platform.artifacts, run.id, rolloutId)));
      const wholeHash = measure.keptTurns === measure.turns ? facts.textSha256 : null;
      return { sample, drop: null, measure, trajectory: needed, textSha256: wholeHash, patchHash: facts.patchHash };
    } catch (error) {
      if (error instanceof InputError || (error instanceof SeracError && error.code === "artifact_missing")) return dropped("unreadable");
      throw error;
    }
  };
  for await (const looked of orderedMap(samplesOf(dataset, context), AHEAD, read)) {
    hooks.signal?.throwIfAborted();
    // Two samples that were both rejected later may share a first patch that neither owns.
    const isRepeated = dataset === "t1" && looked.patchHash !== null && patches.has(looked.patchHash);
    if (looked.patchHash !== null && dataset === "t1") patches.add(looked.patchHash);
    yield isRepeated ? { sample: looked.sample, drop: "duplicate", measure: null, trajectory: null } : looked;
  }
}

async function* samplesOf(dataset: DatasetName, { platform, run }: ExportContext): AsyncGenerator<SampleRecord> {
  for await (const sample of finalSamples(platform.store, run.id)) {
    if (rolloutFor(sample, dataset) !== null) yield sample;
  }
}
