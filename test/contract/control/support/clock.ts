import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../../../core/errors/clock.ts";

export interface SteppedClock extends Clock {
  /** Lets time pass, and whoever slept until then go on. */
  advance(ms: number): Promise<void>;
}

/** Time that stands still until a test lets it pass. */
export function steppedClock(start = Date.UTC(2026, 0, 1)): SteppedClock {
  let now = start;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { atMs: now + ms, wake: resolve };
      if (signal?.aborted === true) reject(signal.reason);
      else sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      });
      return promise;
    },
    advance: async (ms) => {
      now += ms;
      for (const sleeper of sleepers) {
        if (sleeper.atMs > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await setImmediate();
    },
  };
}
