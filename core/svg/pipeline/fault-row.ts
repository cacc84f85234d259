import type { SeracConfig } from "../../config/schema.ts";

/** How a run stands, for the question whether its faults are in a row. */
export interface Standing {
  /** Samples that failed for an outside reason. */
  readonly faults: number;
  /** Counts that rise when a sample comes to something. They may fall again, when one fails later. */
  readonly progress: readonly number[];
}

/** A row of faults: where it began, and how long it is. */
export interface FaultRow {
  readonly start: Standing;
  readonly inARow: number;
}

/** So many samples in a row that ended for an outside reason stop the run: the rest would go the same way. */
export const FAULTS_IN_A_ROW = 5;

/** Of very many workers the quick failures end first, before any sample that goes well could. */
const SHARE_OF_WORKERS = 0.05;

/**
 * The rule of every fault breaker, asked after each fault: faults are in a row as long as nothing else of the run comes to anything.
 * Whatever did since the row's start makes this fault the first of a new row.
 */
export function rowAfter(start: Standing, now: Standing): FaultRow {
  const isProgress = now.progress.some((count, at) => count > (start.progress[at] ?? 0));
  // Fewer than before: they are tried again.
  if (isProgress || now.faults <= start.faults) return { start: { ...now, faults: now.faults - 1 }, inARow: 1 };
  // A count that fell is measured from where it is now, or the next rise would go unseen.
  return { start: { faults: start.faults, progress: now.progress }, inARow: now.faults - start.faults };
}

export function isTooLong({ inARow }: FaultRow, { teacher }: Pick<SeracConfig, "teacher">): boolean {
  return inARow >= Math.max(FAULTS_IN_A_ROW, Math.ceil((teacher?.concurrency ?? 1) * SHARE_OF_WORKERS));
}
