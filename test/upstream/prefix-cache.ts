import { createHash } from "node:crypto";

/** vLLM's default. */
export const BLOCK_TOKENS = 16;

export interface PrefixCache {
  /** Tokens of the prompt that whole blocks of earlier prompts hold; the prompt is remembered. */
  take(ids: Uint32Array): number;
}

/** Automatic prefix caching without an end: full blocks, each known by all that stands in front of it. One token at least is computed. */
export function createPrefixCache(): PrefixCache {
  const known = new Set<string>();
  return {
    take(ids) {
      const chain = createHash("sha1");
      let cached = 0;
      let isKnown = true;
      for (let at = 0; at + BLOCK_TOKENS <= ids.length; at += BLOCK_TOKENS) {
        chain.update(ids.subarray(at, at + BLOCK_TOKENS));
        const block = chain.copy().digest("base64");
        isKnown &&= known.has(block);
        if (isKnown && at + BLOCK_TOKENS < ids.length) cached += BLOCK_TOKENS;
        known.add(block);
      }
      return cached;
    },
  };
}
