import { createMergePiece } from "./merge-piece.ts";
import { createMergeTable } from "./merge-table.ts";
import { piecesOf } from "./pieces.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { BpeVocabulary } from "./vocabulary.ts";

/** Code and logs repeat their words: most pieces are counted once and then looked up. */
const CACHED_PIECES = 65_536;
const CACHED_LENGTH = 64;

/**
 * Encodes as the `tokenizers` library does with the same tokenizer.json: added tokens are found first, the text between them is
 * brought to NFC, split into pieces and merged.
 */
export function createBpeTokenizer(vocabulary: BpeVocabulary): Tokenizer {
  const merge = createMergePiece(createMergeTable(vocabulary));
  const addedIds = new Map(vocabulary.added.map((token) => [token.content, token.id]));
  const addedPattern = new RegExp(`(${vocabulary.added.map((token) => token.content.replaceAll("|", "\\|")).join("|")})`);
  const counts = new Map<string, number>();
  let scratch = new Uint32Array(1024);

  const encodePiece = (piece: string): number => {
    const bytes = Buffer.from(piece);
    if (bytes.length > scratch.length) scratch = new Uint32Array(bytes.length * 2);
    for (let at = 0; at < bytes.length; at++) scratch[at] = vocabulary.byteIds[bytes[at]!]!;
    return merge(scratch, bytes.length);
  };

  const countPiece = (piece: string): number => {
    const known = counts.get(piece);
    if (known !== undefined) return known;
    const count = encodePiece(piece);
    if (piece.length > CACHED_LENGTH) return count;
    if (counts.size >= CACHED_PIECES) counts.clear();
    // A piece is a slice that would keep its whole text alive.
    counts.set(Buffer.from(piece).toString(), count);
    return count;
  };

  /** Even entries are text, odd ones added tokens. */
  const split = (text: string): readonly string[] => (text.includes("<") ? text.split(addedPattern) : [text]);

  return {
    name: vocabulary.name,
    count(text) {
      const parts = split(text);
      let total = (parts.length - 1) / 2;
      for (let at = 0; at < parts.length; at += 2) {
        for (const pieces of piecesOf(parts[at]!.normalize("NFC"))) {
          for (const piece of pieces) total += countPiece(piece);
        }
      }
      return total;
    },
    encode(text) {
      const ids: number[] = [];
      for (const [at, part] of split(text).entries()) {
        if (at % 2 === 1) {
          ids.push(addedIds.get(part)!);
          continue;
        }
        for (const pieces of piecesOf(part.normalize("NFC"))) {
          for (const piece of pieces) {
            const count = encodePiece(piece);
            for (let token = 0; token < count; token++) ids.push(scratch[token]!);
          }
        }
      }
      return Uint32Array.from(ids);
    },
  };
}
