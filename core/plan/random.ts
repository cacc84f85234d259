import { createHash } from "node:crypto";

/** 128 bits that depend on the words and nothing else: no platform, no order of work. */
export function digest(...words: readonly (string | number)[]): Uint32Array {
  const hash = createHash("sha256").update(JSON.stringify(words)).digest();
  return Uint32Array.from([0, 4, 8, 12], (offset) => hash.readUInt32BE(offset));
}

/** A whole number from 0 to 2^53 - 1. */
export const wholeNumber = ([high = 0, low = 0]: Uint32Array): number => (high >>> 11) * 2 ** 32 + low;

/** Numbers from 0 up to, not including, 1. */
export type Random = () => number;

/** xoshiro128** of Blackman and Vigna (public domain; prng.di.unimi.it), two words a number. */
export function randomFrom(state: Uint32Array): Random {
  const words = xoshiro128(state);
  return () => wholeNumber(Uint32Array.of(words(), words())) / 2 ** 53;
}

export function xoshiro128(state: Uint32Array): () => number {
  let [a = 1, b = 0, c = 0, d = 0] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
}

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
