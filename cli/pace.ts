import { FINAL_STATES } from "../core/svg/sample.ts";
import type { RunRecord, RunStore } from "../core/svg/store.ts";

/** How fast a run goes now, seen from outside. */
export interface Pace {
  /** Null when nothing was finished lately. */
  readonly samplesPerMinute: number | null;
  /** Until the plan is worked off at this pace. */
  readonly etaSeconds: number | null;
}

export const NO_PACE: Pace = { samplesPerMinute: null, etaSeconds: null };

const WINDOW_MS = 10 * 60_000;
const PAGE = 1000;

/** By the samples that were finished in the last ten minutes, or since the run began. Reads the final samples once. */
export async function paceOf(store: Pick<RunStore, "listSamples">, run: RunRecord, nowMs: number): Promise<Pace> {
  const fromMs = Math.max(nowMs - WINDOW_MS, Date.parse(run.createdAt));
  let done = 0;
  let recent = 0;
  for (let afterIndex = -1; ;) {
    const page = await store.listSamples(run.id, { states: FINAL_STATES, afterIndex, limit: PAGE });
    done += page.length;
    recent += page.filter(({ updatedAt }) => Date.parse(updatedAt) >= fromMs).length;
    if (page.length < PAGE) break;
    afterIndex = page.at(-1)!.index;
  }
  if (recent === 0 || nowMs <= fromMs) return NO_PACE;
  const samplesPerMinute = (recent / (nowMs - fromMs)) * 60_000;
  return { samplesPerMinute, etaSeconds: Math.round(((run.planned - done) / samplesPerMinute) * 60) };
}
