import { contextOf } from "../svg/pipeline/context.ts";
import { loadRun } from "../svg/pipeline/load.ts";
import type { StatePlatform } from "../svg/platform.ts";
import type { RunContext } from "../svg/stages/stage.ts";
import type { RunRecord } from "../svg/store.ts";

interface Cached {
  readonly run: RunRecord;
  readonly untilMs: number;
  /** Of this run with this base: a base that was made anew is another one. */
  context: Promise<RunContext> | null;
}

/** A function that works on one sample after the other asks for the run anew this often. */
const FRESH_MS = 5_000;
const MOST_RUNS = 50;

const caches = new WeakMap<StatePlatform, Map<string, Cached>>();

/** The run, when it is running; null when there is nothing to do on it. A run that stopped a moment ago may still be given. */
export async function runningRun(platform: StatePlatform, runId: string): Promise<RunRecord | null> {
  const cache = cacheOf(platform);
  const known = cache.get(runId);
  if (known !== undefined && platform.clock.now() < known.untilMs) return known.run;
  const run = await loadRun(platform.store, runId);
  cache.delete(runId);
  if (run.state !== "running") return null;
  if (cache.size >= MOST_RUNS) cache.clear();
  const context = known !== undefined && known.run.sandbox?.directory === run.sandbox?.directory ? known.context : null;
  cache.set(runId, { run, untilMs: platform.clock.now() + FRESH_MS, context });
  return run;
}

/** What the samples of the run share, read once. */
export async function runContext(platform: StatePlatform, run: RunRecord): Promise<RunContext> {
  const cached = cacheOf(platform).get(run.id);
  if (cached === undefined) return contextOf(platform, run);
  cached.context ??= contextOf(platform, run);
  try {
    return { ...(await cached.context), record: run };
  } catch (error) {
    cached.context = null;
    throw error;
  }
}

/** To be called by whoever stops a run. */
export function forgetRun(platform: StatePlatform, runId: string): void {
  cacheOf(platform).delete(runId);
}

function cacheOf(platform: StatePlatform): Map<string, Cached> {
  const cache = caches.get(platform) ?? new Map<string, Cached>();
  caches.set(platform, cache);
  return cache;
}
