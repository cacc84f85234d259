import { hash } from "node:crypto";

/** A sequence of numbers in [0, 1) that depends on its key alone. */
export interface Draw {
  next(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/** The same parts give the same digest, in every process and on every machine. */
export const digest = (...parts: readonly string[]): string => hash("sha1", parts.join("\u0000"));

/** One number in [0, 1) from a key. */
export const fraction = (...parts: readonly string[]): number => Number.parseInt(digest(...parts).slice(0, 12), 16) / 2 ** 48;

/** splitmix32, seeded with 32 bits of the digest. */
export function createDraw(...key: readonly string[]): Draw {
  let state = Number.parseInt(digest(...key).slice(0, 8), 16);
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      const chosen = list[Math.floor(next() * list.length)];
      if (chosen === undefined) throw new RangeError("Nothing to pick from.");
      return chosen;
    },
  };
}
