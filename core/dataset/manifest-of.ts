import type { CardInput } from "./card/card-input.ts";
import { DATASET_MANIFEST_SCHEMA, type DatasetManifest } from "./manifest.ts";
import { SERVE_TEMPLATE_SHA256 } from "./serve-template.ts";
import type { DatasetStatistics } from "./statistics.ts";

export const isRehearsal = ({ run, t1, t2 }: CardInput): boolean => run.rehearsal || t1.rehearsal + t2.rehearsal > 0;

export function manifestOf(input: CardInput, textsSha256: string): DatasetManifest {
  const { run, options, counting, t1, t2 } = input;
  return {
    schema: DATASET_MANIFEST_SCHEMA,
    runId: run.id,
    repository: run.name,
    commit: run.commit,
    format: options.format,
    toolsets: [...new Set([...t1.toolsets, ...t2.toolsets])].toSorted(),
    rehearsal: isRehearsal(input),
    templateSha256: counting.format.counted.name === "hermes" ? SERVE_TEMPLATE_SHA256 : null,
    tokenizer: counting.tokenizer.name,
    contextTokens: options.filters.contextTokens,
    seracVersion: options.version,
    textsSha256,
    t1: partOf(t1),
    t2: partOf(t2),
  };
}

const partOf = ({ rows, tokens, trainedTokens, textsSha256 }: DatasetStatistics): DatasetManifest["t1"] => ({
  rows,
  tokens: tokens.total,
  trainedTokens,
  textsSha256,
});
