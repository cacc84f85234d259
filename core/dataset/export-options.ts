import type { SeracConfig } from "../config/schema.ts";
import type { FormatName } from "./formats/index.ts";
import type { Selection } from "./select/choose.ts";
import type { Filters } from "./select/filter.ts";
import type { DatasetSink } from "./sink.ts";
import type { Tokenizer } from "./tokenizer/index.ts";
import { FILE_KINDS, type FileKind } from "./write/shards.ts";

/** What is left out comes from the run's own config. */
export interface ExportOptions extends Partial<Filters> {
  readonly format: FormatName;
  readonly sink: DatasetSink;
  /** Default: both. */
  readonly kinds?: readonly FileKind[];
  readonly select?: Selection;
  /** Rows at most, in each of T1 and T2. Null: all. */
  readonly maxSamples?: number | null;
  /** Of the random selection; default: the plan's. */
  readonly seed?: number;
  /** Default: Qwen3's. */
  readonly tokenizer?: Tokenizer;
  /** Size after which a new shard begins, in characters of JSON. */
  readonly shardCharacters?: number;
  /** Of serac, for the card. */
  readonly version?: string;
}

export interface ResolvedOptions {
  readonly format: FormatName;
  readonly filters: Filters;
  readonly kinds: readonly FileKind[];
  readonly select: Selection;
  readonly maxSamples: number | null;
  readonly seed: number;
  readonly shardCharacters: number;
  readonly version: string | null;
}

const SHARD_CHARACTERS = 512 * 1024 * 1024;

export function resolveOptions(options: ExportOptions, { dataset, rollout, plan }: SeracConfig): ResolvedOptions {
  return {
    format: options.format,
    filters: {
      maxPatchLines: options.maxPatchLines ?? dataset.maxPatchLines,
      meanObservationTokens: options.meanObservationTokens ?? dataset.meanObservationTokens,
      minKeptRatio: options.minKeptRatio ?? dataset.minKeptRatio,
      contextTokens: options.contextTokens ?? rollout.contextTokens,
      includeUnsubmitted: options.includeUnsubmitted ?? dataset.includeUnsubmitted,
    },
    kinds: options.kinds ?? FILE_KINDS,
    select: options.select ?? dataset.select,
    maxSamples: options.maxSamples === undefined ? (dataset.maxSamples ?? null) : options.maxSamples,
    seed: options.seed ?? plan.seed,
    shardCharacters: options.shardCharacters ?? SHARD_CHARACTERS,
    version: options.version ?? null,
  };
}
