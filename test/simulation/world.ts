import { TimeHeap } from "./time-heap.ts";

/** Simulated time. Whatever happens is an action at a moment; between two moments every promise that can go on has gone on. */
export interface World {
  readonly now: () => number;
  /** Whole milliseconds, so that much falls on the same moment. */
  after(ms: number, action: () => void): void;
  /** In [0, 1), the same in every run. */
  readonly random: () => number;
  /** Goes from moment to moment until nothing is left to happen or `isOver` says so. */
  run(isOver: () => boolean): Promise<void>;
}

const START = Date.parse("2026-01-01T00:00:00Z");

export function createWorld(seed: number): World {
  const heap = new TimeHeap();
  let now = START;
  let order = 0;
  return {
    now: () => now,
    after: (ms, action) => heap.push({ atMs: now + Math.max(0, Math.ceil(ms)), order: order++, action }),
    random: mulberry(seed),
    run: async (isOver) => {
      // What was begun outside of any action goes on first.
      await settled();
      for (let next = heap.first(); next !== undefined && !isOver(); next = heap.first()) {
        now = next.atMs;
        while (heap.first()?.atMs === now) heap.pop().action();
        await settled();
      }
    },
  };
}

/** Node turns to immediates when no promise is left that could go on; nothing in here waits for anything but the world. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Mulberry32, by Tommy Ettinger (public domain). */
function mulberry(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
