import { PackError } from "./pack-file.ts";

/**
 * Which objects of a pack build on which, by the numbers that they have in the pack. A base may lie far from what builds on
 * it, so objects are unpacked from their bases on: every delta once, whatever the order of the pack.
 */
export interface DeltaTree {
  /** Objects are added in the order of the pack. `base` is the offset of one before it, an id, or null. */
  add(offset: number, base: number | Buffer | null): void;
  offsetOf(number: number): number;
  /** No more objects come after this. PackError for a base that is no object. */
  finish(): void;
  /** Numbers of what builds on the object itself, by its offset. */
  childrenOf(number: number): number[];
  /** Offsets of what builds on the object by naming its id; each is told once. */
  takeChildrenOf(id: Buffer): readonly number[];
  /** Ids that something builds on and that were not asked for yet. */
  waitingFor(): readonly Buffer[];
}

const NONE = -1;

export function deltaTree(capacity: number): DeltaTree {
  const offsets = new Float64Array(capacity);
  const bases = new Float64Array(capacity).fill(NONE);
  const firstChild = new Int32Array(capacity).fill(NONE);
  const nextSibling = new Int32Array(capacity).fill(NONE);
  const byId = new Map<string, number[]>();
  let count = 0;

  function numberAt(offset: number): number {
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (offsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    if (offsets[low] !== offset) throw new PackError(`an object builds on byte ${offset}, where no object starts`);
    return low;
  }

  return {
    add(offset, base) {
      offsets[count] = offset;
      if (typeof base === "number") bases[count] = base;
      else if (base !== null) {
        const id = base.toString("latin1");
        const siblings = byId.get(id);
        if (siblings === undefined) byId.set(id, [count]);
        else siblings.push(count);
      }
      count += 1;
    },
    offsetOf: (number) => offsets[number]!,
    finish() {
      for (let number = count - 1; number >= 0; number--) {
        if (bases[number] === NONE) continue;
        const base = numberAt(bases[number]!);
        nextSibling[number] = firstChild[base]!;
        firstChild[base] = number;
      }
    },
    childrenOf(number) {
      const children: number[] = [];
      for (let child = firstChild[number]!; child !== NONE; child = nextSibling[child]!) children.push(child);
      return children;
    },
    takeChildrenOf(id) {
      if (byId.size === 0) return [];
      const key = id.toString("latin1");
      const children = byId.get(key) ?? [];
      byId.delete(key);
      return children;
    },
    waitingFor: () => Array.from(byId.keys(), (id) => Buffer.from(id, "latin1")),
  };
}
