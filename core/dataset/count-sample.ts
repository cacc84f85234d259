import type { SampleRecord } from "../svg/sample.ts";
import { formatNamed, type FormatName } from "./formats/index.ts";
import type { ExportPlatform } from "./platform.ts";
import { DATASETS, rolloutFacts, rolloutFor } from "./rollouts.ts";
import { qwen3Tokenizer, type Tokenizer } from "./tokenizer/index.ts";

/**
 * Counts the rollouts of a sample that has become final and keeps the counts beside them, so that an export need not. A few milliseconds
 * beside rollouts of minutes; without it the first export is slower and nothing else changes. Idempotent.
 */
export async function countSample(
  platform: ExportPlatform,
  sample: SampleRecord,
  formats: readonly FormatName[],
  tokenizer?: Tokenizer,
): Promise<void> {
  const counter = tokenizer ?? (await qwen3Tokenizer());
  for (const dataset of DATASETS) {
    const rolloutId = rolloutFor(sample, dataset);
    if (rolloutId === null) continue;
    for (const name of formats) await rolloutFacts(platform, sample.runId, rolloutId, { format: formatNamed(name), tokenizer: counter });
  }
}
