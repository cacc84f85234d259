import type { MergeTable } from "./merge-table.ts";

/** Merges the tokens of one piece in place, lowest rank first, leftmost of equals; returns how many are left. */
export type MergePiece = (tokens: Uint32Array, length: number) => number;

/** Below this, looking at every pair for each merge is faster than keeping a heap. */
const SHORT = 48;

/**
 * Byte-pair encoding by the rules of the `tokenizers` library: only listed pairs merge. A piece of n bytes costs n log n: a run of
 * 100,000 letters, which an agent's command can print, takes milliseconds (tiktoken is quadratic there: 5 s).
 */
export function createMergePiece(table: MergeTable): MergePiece {
  return (tokens, length) => (length <= SHORT ? mergeShort(table, tokens, length) : mergeLong(table, tokens, length));
}

function mergeShort(table: MergeTable, tokens: Uint32Array, length: number): number {
  const ranks = new Int32Array(length);
  const rankAt = (at: number): number => (at + 1 < length ? table.rankOf(tokens[at]!, tokens[at + 1]!) : -1);
  for (let at = 0; at < length; at++) ranks[at] = rankAt(at);
  for (;;) {
    let best = -1;
    for (let at = 0; at + 1 < length; at++) {
      if (ranks[at]! >= 0 && (best < 0 || ranks[at]! < ranks[best]!)) best = at;
    }
    if (best < 0) return length;
    tokens[best] = 256 + ranks[best]!;
    tokens.copyWithin(best + 1, best + 2, length);
    ranks.copyWithin(best + 1, best + 2, length);
    length--;
    ranks[best] = rankAt(best);
    if (best > 0) ranks[best - 1] = rankAt(best - 1);
  }
}

/** A rank and a position in one number, so that the heap orders by rank and then from the left. */
const RANK_UNIT = 2 ** 31;

function mergeLong(table: MergeTable, tokens: Uint32Array, length: number): number {
  const next = Int32Array.from({ length }, (_, at) => at + 1);
  const previous = Int32Array.from({ length }, (_, at) => at - 1);
  const ranks = new Int32Array(length).fill(-1);
  const heap = new MinHeap(length * 2);
  const consider = (at: number): void => {
    const after = next[at]!;
    const rank = after < length ? table.rankOf(tokens[at]!, tokens[after]!) : -1;
    ranks[at] = rank;
    if (rank >= 0) heap.push(rank * RANK_UNIT + at);
  };
  for (let at = 0; at < length; at++) consider(at);
  for (let key = heap.pop(); key >= 0; key = heap.pop()) {
    const at = key % RANK_UNIT;
    const rank = (key - at) / RANK_UNIT;
    // The pair of this entry is gone when one of its tokens was merged away meanwhile.
    if (ranks[at] !== rank) continue;
    const taken = next[at]!;
    tokens[at] = 256 + rank;
    ranks[taken] = -1;
    next[at] = next[taken]!;
    if (next[taken]! < length) previous[next[taken]!] = at;
    consider(at);
    if (previous[at]! >= 0) consider(previous[at]!);
  }
  let count = 0;
  for (let at = 0; at < length; at = next[at]!) tokens[count++] = tokens[at]!;
  return count;
}

class MinHeap {
  #keys: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#keys = new Float64Array(capacity);
  }

  push(key: number): void {
    if (this.#size === this.#keys.length) {
      const grown = new Float64Array(this.#size * 2);
      grown.set(this.#keys);
      this.#keys = grown;
    }
    const keys = this.#keys;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      at = parent;
    }
    keys[at] = key;
  }

  /** -1 when empty. */
  pop(): number {
    if (this.#size === 0) return -1;
    const keys = this.#keys;
    const least = keys[0]!;
    const last = keys[--this.#size]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= last) break;
      keys[at] = keys[child]!;
      at = child;
    }
    keys[at] = last;
    return least;
  }
}
