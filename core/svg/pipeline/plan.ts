import { planSamples } from "../../plan/samples.ts";
import type { SourceFunction } from "../../survey/function.ts";
import type { StatePlatform } from "../platform.ts";
import type { SampleRecord } from "../sample.ts";
import type { RunRecord } from "../store.ts";

const BATCH = 500;

export type Planned = { readonly outcome: "done"; readonly planned: number } | { readonly outcome: "continue"; readonly nextIndex: number };

/** Writes the samples down from `fromIndex` on, a batch at a time, until all are there or it is late. At least one batch a call. */
export async function planRun(
  { store }: Pick<StatePlatform, "store">,
  { id, config, createdAt }: RunRecord,
  functions: readonly SourceFunction[],
  fromIndex: number,
  isLate: () => boolean,
): Promise<Planned> {
  let next = fromIndex;
  let batch: SampleRecord[] = [];
  const flush = async (): Promise<void> => {
    await store.addSamples(batch);
    next += batch.length;
    batch = [];
  };
  for (const sample of planSamples({ functions, config, runId: id, createdAt, fromIndex })) {
    batch.push(sample);
    if (batch.length < BATCH) continue;
    await flush();
    if (isLate()) return { outcome: "continue", nextIndex: next };
  }
  await flush();
  return { outcome: "done", planned: next };
}
