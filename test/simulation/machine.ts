import type { Clock } from "../../core/errors/clock.ts";
import type { World } from "./world.ts";

/** A process that may die at any await: what it then waits for never comes, and what it has asked of others happens all the same. */
export interface Machine {
  readonly name: string;
  readonly clock: Clock;
  isDead(): boolean;
  /** Waits for so long; a death strikes here. */
  wait(ms: number): Promise<void>;
  /** A request to the outside: it arrives after half of the time, has its effect, and is answered after the other half. */
  ask<T>(ms: number, effect: () => T): Promise<T>;
  /** The machine dies at the given one of its next awaits, counted from 1. */
  doom(awaits: number): void;
  /** Awaits so far. */
  awaits(): number;
}

export function createMachine(name: string, world: World, onDeath: () => void): Machine {
  let dead = false;
  let awaits = 0;
  let doomedAt = Infinity;

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (dead) return;
      awaits += 1;
      const isLast = awaits >= doomedAt;
      world.after(ms, () => {
        if (dead) return;
        if (!isLast) return resolve();
        dead = true;
        onDeath();
      });
    });

  return {
    name,
    wait,
    isDead: () => dead,
    awaits: () => awaits,
    doom: (count) => {
      if (doomedAt === Infinity) doomedAt = awaits + count;
    },
    ask: async (ms, effect) => {
      await wait(ms / 2);
      try {
        return effect();
      } finally {
        await wait(ms / 2);
      }
    },
    clock: {
      now: world.now,
      sleep: (ms, signal) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        if (dead) return promise;
        if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
        let isOver = false;
        const leave = (): void => {
          isOver = true;
          if (!dead) reject(signal!.reason);
        };
        signal?.addEventListener("abort", leave, { once: true });
        world.after(ms, () => {
          if (isOver) return;
          signal?.removeEventListener("abort", leave);
          if (!dead) resolve();
        });
        return promise;
      },
    },
  };
}
