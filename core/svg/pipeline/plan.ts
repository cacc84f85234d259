import { SeracError } from "../../errors/index.ts";
import { planSamples } from "../../plan/samples.ts";
import type { SourceFunction } from "../../survey/function.ts";
import type { StatePlatform } from "../platform.ts";
import type { SampleRecord } from "../sample.ts";
import type { RunRecord } from "../store.ts";

const BATCH = 500;
/** A fresh table takes 4,000 writes a second, and more when it was asked for more for a while. */
const BUSY_MS = 2_000;

export type Planned = { readonly outcome: "done"; readonly planned: number } | { readonly outcome: "continue"; readonly nextIndex: number };

/**
 * Writes the samples down from `fromIndex` on, a batch at a time, until all are there or it is late. At least one batch a call. Waits while the
 * store can take no more.
 */
export async function planRun(
  { store, clock }: Pick<StatePlatform, "store" | "clock">,
  { id, config, createdAt }: RunRecord,
  functions: readonly SourceFunction[],
  fromIndex: number,
  isLate: () => boolean,
): Promise<Planned> {
  let next = fromIndex;
  let batch: SampleRecord[] = [];
  const flush = async (): Promise<void> => {
    while (batch.length > 0) {
      try {
        await store.addSamples(batch);
        next += batch.length;
        batch = [];
      } catch (error) {
        if (!isThrottled(error) || isLate()) throw error;
        await clock.sleep(BUSY_MS * (0.5 + Math.random()));
      }
    }
  };
  for (const sample of planSamples({ functions, config, runId: id, createdAt, fromIndex })) {
    batch.push(sample);
    if (batch.length < BATCH) continue;
    try {
      await flush();
    } catch (error) {
      // What is written is written: nobody has to begin where this call began.
      if (next === fromIndex || !isThrottled(error)) throw error;
      return { outcome: "continue", nextIndex: next };
    }
    if (isLate()) return { outcome: "continue", nextIndex: next };
  }
  await flush();
  return { outcome: "done", planned: next };
}

const isThrottled = (error: unknown): boolean => error instanceof SeracError && error.code === "cloud_throttled";
