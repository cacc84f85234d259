/** Which object of a pack has which id, in a few dozen bytes an object. */
export interface ObjectTable {
  readonly count: number;
  add(id: Buffer, offset: number, size: number): void;
  /** Null for an id that the pack does not have. */
  find(id: Buffer): FoundObject | null;
  /** All ids that start with these hex digits, up to `limit` of them. */
  startingWith(digits: string, limit: number): readonly string[];
}

export interface FoundObject {
  readonly offset: number;
  readonly size: number;
}

export function objectTable(capacity: number, idBytes: number): ObjectTable {
  const ids = Buffer.alloc(capacity * idBytes);
  const offsets = new Float64Array(capacity);
  const sizes = new Float64Array(capacity);
  // At most half full, so that a free slot is near; an entry is the object's number plus one.
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(capacity, 8) * 2)));
  let count = 0;

  /** The slot of the id, or the free one where it goes. Ids are hashes, so their first bytes are as good as random. */
  function slotOf(id: Buffer): number {
    let slot = id.readUInt32LE(0) & (slots.length - 1);
    for (; ; slot = (slot + 1) & (slots.length - 1)) {
      const entry = slots[slot]!;
      const start = (entry - 1) * idBytes;
      if (entry === 0 || id.compare(ids, start, start + idBytes) === 0) return slot;
    }
  }

  return {
    get count() {
      return count;
    },
    add(id, offset, size) {
      const slot = slotOf(id);
      if (slots[slot] !== 0) return;
      id.copy(ids, count * idBytes);
      offsets[count] = offset;
      sizes[count] = size;
      count += 1;
      slots[slot] = count;
    },
    find(id) {
      const entry = slots[slotOf(id)]!;
      return entry === 0 ? null : { offset: offsets[entry - 1]!, size: sizes[entry - 1]! };
    },
    startingWith(digits, limit) {
      const whole = Buffer.from(digits.slice(0, digits.length - (digits.length % 2)), "hex");
      const found: string[] = [];
      for (let entry = 0; entry < count && found.length < limit; entry++) {
        const start = entry * idBytes;
        if (whole.compare(ids, start, start + whole.length) !== 0) continue;
        const id = ids.toString("hex", start, start + idBytes);
        if (id.startsWith(digits)) found.push(id);
      }
      return found;
    },
  };
}
