/** One chunk of a streamed chat completion, or a whole one, reduced to what the gateway reads of it. Absent things are left out. */
export interface ChatChunk {
  readonly content?: string;
  readonly reasoning?: { readonly place: ReasoningPlace; readonly text: string };
  readonly calls?: readonly CallDelta[];
  readonly finish?: { readonly reason: string; /** vLLM: the stop text that was met. */ readonly stop: string | null };
  readonly usage?: ChatUsage;
}

/** The field in which a server puts thoughts that it takes out of the content. */
export type ReasoningPlace = "reasoning" | "reasoning_content";

export interface CallDelta {
  readonly index: number;
  readonly id?: string;
  readonly name?: string;
  readonly arguments?: string;
}

/** Tokens. `promptTokens` holds the cached ones too. */
export interface ChatUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}
