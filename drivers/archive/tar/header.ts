/** POSIX pax (IEEE Std 1003.1, "pax Interchange Format"): everything comes in blocks of 512 bytes. */
export const TAR_BLOCK = 512;

export interface TarHeader {
  /** One character, of the type flag. */
  readonly type: string;
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly mode: number;
  readonly size: number;
}

const CHECKSUM_AT = 148;
const CHECKSUM_END = 156;

export const isEndBlock = (block: Buffer): boolean => block.every((byte) => byte === 0);

/** A whole block with the right checksum over it. */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < TAR_BLOCK || isEndBlock(block)) return false;
  const stored = octal(block.subarray(CHECKSUM_AT, CHECKSUM_END));
  if (stored === null) return false;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < TAR_BLOCK; at++) {
    const byte = at >= CHECKSUM_AT && at < CHECKSUM_END ? 0x20 : block[at]!;
    unsigned += byte;
    // Some old tars summed up signed characters.
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stored === unsigned || stored === signed;
}

/** Null for a field that holds no number. The block is one for which `isTarHeader` says yes. */
export function parseHeader(block: Buffer): TarHeader | null {
  const mode = number(block.subarray(100, 108));
  const size = number(block.subarray(124, 136));
  if (mode === null || size === null) return null;
  const name = text(block.subarray(0, 100));
  // GNU's own format, with a space in place of the NUL, has other things where POSIX has the prefix.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? text(block.subarray(345, 500)) : Buffer.alloc(0);
  return {
    type: String.fromCharCode(block[156]!),
    name: Buffer.from(prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name])),
    linkName: Buffer.from(text(block.subarray(157, 257))),
    mode,
    size,
  };
}

function text(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

/** Octal digits, or GNU's binary for what does not fit into them. */
function number(field: Buffer): number | null {
  if ((field[0]! & 0x80) === 0) return octal(field);
  // A first byte of 0xff is a negative number.
  if (field[0] !== 0x80) return null;
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.isSafeInteger(value) ? value : null;
}

function octal(field: Buffer): number | null {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString("latin1"))?.[1];
  return digits === undefined ? null : Number.parseInt(digits === "" ? "0" : digits, 8);
}
