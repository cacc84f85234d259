import { createBpeTokenizer } from "./bpe-tokenizer.ts";
import { readQwen3 } from "./qwen3-asset.ts";
import type { Tokenizer } from "./tokenizer.ts";

export type { Tokenizer } from "./tokenizer.ts";

let qwen3: Promise<Tokenizer> | undefined;

/** Exact Qwen3 counts. Loaded once a process. */
export function qwen3Tokenizer(): Promise<Tokenizer> {
  qwen3 ??= readQwen3().then(createBpeTokenizer);
  return qwen3;
}
