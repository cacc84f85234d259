import { loadRun } from "../svg/pipeline/load.ts";
import type { StatePlatform } from "../svg/platform.ts";

export interface RunWatch {
  /** Aborted when the run is no longer running. */
  readonly signal: AbortSignal;
  stop(): Promise<void>;
}

const LOOK_MS = 10_000;

/** Looks now and then whether somebody paused or cancelled the run while a sample of it is worked on. */
export function watchRun(platform: StatePlatform, runId: string): RunWatch {
  const stopped = new AbortController();
  const ended = new AbortController();
  const looking = (async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await platform.clock.sleep(LOOK_MS, stopped.signal);
        const { state } = await loadRun(platform.store, runId);
        if (state !== "running") return ended.abort(new Error(`Run ${runId} is ${state}.`));
      } catch {
        // Stopped, or the store has no time now: the next look will tell.
      }
    }
  })();
  return {
    signal: ended.signal,
    stop: async () => {
      stopped.abort();
      await looking;
    },
  };
}
