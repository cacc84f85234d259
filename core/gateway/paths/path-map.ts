/** Translates between the client's working directory and the one that the model knows, in paths and in any text that holds some. */
export interface PathMap {
  /** For what the model reads: results, prompts. */
  toModel(text: string): string;
  /** For what the model wrote: paths, commands, texts of files. */
  toClient(text: string): string;
}
