/**
 * A byte-level BPE vocabulary in the form that counting needs. Token ids: the 256 bytes (in the order of `byteIds`), then one per
 * merge in the order of the merges (so a merge's rank is its id - 256), then the added tokens.
 */
export interface BpeVocabulary {
  readonly name: string;
  /** Token of each byte value. */
  readonly byteIds: Uint16Array;
  /** Pair number r makes token 256 + r. */
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  /** Literals that are one token each wherever they stand. */
  readonly added: readonly { readonly content: string; readonly id: number }[];
}

interface Header {
  readonly name: string;
  readonly merges: number;
  readonly byteIds: readonly number[];
  readonly added: BpeVocabulary["added"];
}

/** Header line in JSON, then the left and the right ids as 32-bit little endian. */
export function packVocabulary(vocabulary: BpeVocabulary): Buffer {
  const { name, left, right, added } = vocabulary;
  const header: Header = { name, merges: left.length, byteIds: [...vocabulary.byteIds], added };
  const body = Buffer.alloc(left.length * 8);
  left.forEach((id, rank) => body.writeUInt32LE(id, rank * 4));
  right.forEach((id, rank) => body.writeUInt32LE(id, (left.length + rank) * 4));
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

export function unpackVocabulary(packed: Buffer): BpeVocabulary {
  const end = packed.indexOf(10);
  const header: Header = JSON.parse(packed.toString("utf8", 0, end));
  const ids = (from: number): Uint32Array => {
    const array = new Uint32Array(header.merges);
    for (let rank = 0; rank < header.merges; rank++) array[rank] = packed.readUInt32LE(from + rank * 4);
    return array;
  };
  return {
    name: header.name,
    byteIds: Uint16Array.from(header.byteIds),
    left: ids(end + 1),
    right: ids(end + 1 + header.merges * 4),
    added: header.added,
  };
}
