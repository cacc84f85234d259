import { piecesOf } from "../../core/dataset/tokenizer/pieces.ts";
import { qwen3Tokenizer } from "../../core/dataset/tokenizer/index.ts";

/** Tokens as far as the server needs them: how many, and which are the same. */
export interface UpstreamTokenizer {
  ids(text: string): Uint32Array;
}

/** Qwen3's own, exactly; takes a moment to load. */
export async function exactTokenizer(): Promise<UpstreamTokenizer> {
  const qwen3 = await qwen3Tokenizer();
  return { ids: (text) => qwen3.encode(text) };
}

/** A piece of Qwen3's pre-tokenizer is one token, cut every seven characters. No vocabulary to load; a fifth off the true number or so. */
export const quickTokenizer: UpstreamTokenizer = {
  ids(text) {
    const ids: number[] = [];
    for (const token of tokensOf(text)) ids.push(fingerprint(token));
    return Uint32Array.from(ids);
  },
};

const LONGEST = 7;
const SPECIAL = /(<\|im_start\|>|<\|im_end\|>|<\/?(?:think|tool_call|tool_response)>)/;

/** The text in pieces of about a token each; together they are the text, and no character is cut. */
export function* tokensOf(text: string): Generator<string> {
  for (const part of text.split(SPECIAL)) {
    if (SPECIAL.test(part)) {
      yield part;
      continue;
    }
    for (const pieces of piecesOf(part)) {
      for (const piece of pieces) {
        if (piece.length <= LONGEST) yield piece;
        else {
          const characters = Array.from(piece);
          for (let at = 0; at < characters.length; at += LONGEST) yield characters.slice(at, at + LONGEST).join("");
        }
      }
    }
  }
}

/** FNV-1a. */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
