/** Counts text as a model does. The default is Qwen3's vocabulary; another one is an option of the export. */
export interface Tokenizer {
  /** Stored beside counts, so that counts of another vocabulary are never mistaken for these. */
  readonly name: string;
  count(text: string): number;
  encode(text: string): Uint32Array;
}
