import type { JsonObject } from "./request.ts";

/** Why an answer ended, in the words of the Messages API. */
export type StopReason = "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "refusal";

export interface ReplyEnd {
  readonly stopReason: StopReason;
  readonly stopSequence: string | null;
}

/** Tokens, as the Messages API counts them: `inputTokens` are those that no cache held. */
export interface ReplyUsage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
}

/**
 * Where an answer is written as it comes. One writer makes server-sent events of it, one a single JSON document; both open and close
 * blocks by themselves, so that exactly one block is open at a time whatever the caller does.
 */
export interface ReplySink {
  text(delta: string): void;
  /** Goes on with the open thinking block, or opens one. */
  thinking(delta: string): void;
  /** Closes the thinking block with its signature; opens an empty one first when none is open. */
  signature(signature: string): void;
  /** Opens a tool_use block; its input follows. */
  toolUse(id: string, name: string): void;
  /** JSON text of the open tool_use block's input, in parts. No part at all means `{}`. */
  toolInput(partialJson: string): void;
}

/** A whole answer that needs no model: the gateway's own. */
export interface OwnReply {
  readonly blocks: readonly OwnBlock[];
  readonly stopReason: "end_turn" | "tool_use";
}

export type OwnBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: JsonObject };
