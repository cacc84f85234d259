import type { Clock } from "../../../core/errors/clock.ts";

export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** Time that stands still until a test moves it. */
export function manualClock(start = Date.parse("2026-01-01T00:00:00Z")): ManualClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    sleep: async (ms) => {
      now += ms;
    },
  };
}
