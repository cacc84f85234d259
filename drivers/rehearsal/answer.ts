/** Where reasoning goes in the reply; servers differ, and so does this one, from rollout to rollout. */
export type ReasoningStyle = "reasoning_content" | "reasoning" | "think" | "none";

/** What the model says, before it is put into the words of the protocol. */
export interface Answer {
  readonly content: string;
  readonly reasoning: string;
  readonly style: ReasoningStyle;
  /** `input` is JSON text, or what a fault made of it. */
  readonly calls: readonly { readonly name: string; readonly input: string }[];
}

export const reasoningStyle = (fraction: number): ReasoningStyle =>
  fraction < 0.5 ? "reasoning_content" : fraction < 0.75 ? "think" : fraction < 0.9 ? "reasoning" : "none";
