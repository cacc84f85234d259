import type { Clock } from "../../../../core/errors/clock.ts";

export interface SteppedClock extends Clock {
  /** Lets `ms` go by: sleepers wake in their order, each with the time it was due at, and what follows from it happens first. */
  pass(ms: number): Promise<void>;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** A clock that stands still unless it is told to go on. */
export function steppedClock(startMs = Date.UTC(2026, 0, 1)): SteppedClock {
  let nowMs = startMs;
  let sleepers: Sleeper[] = [];
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        const sleeper: Sleeper = { dueMs: nowMs + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason as Error);
        });
      }),
    pass: async (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        await settle();
        const next = sleepers.toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined || next.dueMs > endMs) break;
        sleepers = sleepers.filter((sleeper) => sleeper !== next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.wake();
      }
      nowMs = endMs;
      await settle();
    },
  };
}

/** Everything that needs no clock and no network has happened. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
