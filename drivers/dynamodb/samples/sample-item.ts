import { SAMPLE_REASONS, SAMPLE_STATES, type SampleRecord } from "../../../core/svg/sample.ts";
import type { StateCount } from "../../../core/svg/store.ts";
import type { Item } from "../table/operations.ts";

/**
 * A sample's item: its record, its state for listing, the stamp of its last transition, and the lease: `owner` (absent: nobody),
 * `token`, `expires` (milliseconds since the epoch). A lease changes nothing of the rest, and keeps the stamp.
 */
export const recordOf = (item: Item | null): SampleRecord | null => (item === null ? null : JSON.parse(String(item["record"])));

export const stateAttributes = (record: SampleRecord, stamp: string): Item => ({
  state: record.state,
  record: JSON.stringify(record),
  stamp,
});

export const isHeldBy = (item: Item | null, { owner, token }: { readonly owner: string; readonly token: number }): boolean =>
  item !== null && item["owner"] === owner && item["token"] === token;

/** Recalls are added up as whole numbers, so that what is taken back leaves nothing. */
const RECALL_UNIT = 1e9;

/** The counters that a sample in this condition adds one to, and the sum of recalls. */
export function countersOf(sample: Pick<SampleRecord, "state" | "reason" | "score">): Readonly<Record<string, number>> {
  const state = { [`${sample.state}/${sample.reason ?? ""}`]: 1 };
  if (sample.score === null) return state;
  const { recall } = sample.score;
  return { ...state, [`recall/${Math.min(9, Math.floor(recall * 10))}`]: 1, "recall/sum": Math.round(recall * RECALL_UNIT) };
}

/** What a transition adds to the counters; empty when it changes nothing that is counted. */
export function difference(before: SampleRecord, after: SampleRecord): Readonly<Record<string, number>> {
  const sums = new Map(Object.entries(countersOf(after)));
  for (const [name, amount] of Object.entries(countersOf(before))) sums.set(name, (sums.get(name) ?? 0) - amount);
  return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0));
}

/** In the order of a sample's life, then of the list of reasons. */
export function stateCounts(sums: ReadonlyMap<string, number>): readonly StateCount[] {
  return SAMPLE_STATES.flatMap((state) =>
    [null, ...SAMPLE_REASONS].flatMap((reason) => {
      const samples = sums.get(`${state}/${reason ?? ""}`) ?? 0;
      return samples > 0 ? [{ state, reason, samples }] : [];
    }),
  );
}

export function scoreStatistics(sums: ReadonlyMap<string, number>) {
  const recallHistogram = Array.from({ length: 10 }, (_, bin) => sums.get(`recall/${bin}`) ?? 0);
  const samples = recallHistogram.reduce((sum, bin) => sum + bin, 0);
  const total = (sums.get("recall/sum") ?? 0) / RECALL_UNIT;
  return { samples, recallHistogram, recallMean: samples === 0 ? null : total / samples };
}
