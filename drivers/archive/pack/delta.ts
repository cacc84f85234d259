import { PackError } from "./pack-file.ts";

const damaged = (): PackError => new PackError("a delta is damaged");

/** Sizes of the base and of the result that a delta tells at its start. Lowest seven bits first. */
export function deltaSizes(delta: Buffer): { readonly base: number; readonly result: number; readonly start: number } {
  let at = 0;
  const size = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at++];
      if (byte === undefined) throw damaged();
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw damaged();
      if ((byte & 0x80) === 0) return value;
    }
  };
  return { base: size(), result: size(), start: at };
}

/** What a delta makes of its base (gitformat-pack(5), Deltified representation). PackError for one that does not fit to it. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const sizes = deltaSizes(delta);
  if (sizes.base !== base.length) throw damaged();
  const result = Buffer.allocUnsafe(sizes.result);
  let at = sizes.start;
  let filled = 0;
  while (at < delta.length) {
    const op = delta[at++]!;
    if (op & 0x80) {
      let from = 0;
      let length = 0;
      for (let bit = 0; bit < 4; bit++) if (op & (1 << bit)) from += (delta[at++] ?? Number.NaN) * 2 ** (8 * bit);
      for (let bit = 0; bit < 3; bit++) if (op & (16 << bit)) length += (delta[at++] ?? Number.NaN) * 2 ** (8 * bit);
      if (length === 0) length = 0x10000;
      if (!(from + length <= base.length) || filled + length > result.length) throw damaged();
      base.copy(result, filled, from, from + length);
      filled += length;
    } else {
      // Zero is reserved.
      if (op === 0 || at + op > delta.length || filled + op > result.length) throw damaged();
      delta.copy(result, filled, at, at + op);
      at += op;
      filled += op;
    }
  }
  if (filled !== result.length) throw damaged();
  return result;
}
