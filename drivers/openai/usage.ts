import type { Usage } from "../../core/agent/teacher.ts";
import { fieldsOf } from "./fields.ts";

/** More than any window: a count beyond it is not a count. */
const MOST_TOKENS = 1e9;

/** Null when the server gave no usable counts. */
export function usageOf(json: unknown): Usage | null {
  const usage = fieldsOf(json);
  const inputTokens = count(usage["prompt_tokens"]);
  const outputTokens = count(usage["completion_tokens"]);
  if (inputTokens === null || outputTokens === null) return null;
  const details = fieldsOf(usage["prompt_tokens_details"]);
  // OpenAI and vLLM: prompt_tokens_details; DeepSeek: prompt_cache_hit_tokens; Moonshot: cached_tokens.
  const cached = count(details["cached_tokens"]) ?? count(usage["prompt_cache_hit_tokens"]) ?? count(usage["cached_tokens"]) ?? 0;
  return { inputTokens, cachedInputTokens: Math.min(cached, inputTokens), outputTokens };
}

/**
 * For a reply without counts. On the safe side, so that a budget holds: a token of prose or code is rarely under three
 * bytes, and nothing counts as cached.
 */
export function estimateUsage(requestBytes: number, replyBytes: number): Usage {
  return { inputTokens: Math.ceil(requestBytes / 3), cachedInputTokens: 0, outputTokens: Math.ceil(replyBytes / 3) };
}

function count(value: unknown): number | null {
  return typeof value === "number" && value >= 0 && value <= MOST_TOKENS ? Math.floor(value) : null;
}
