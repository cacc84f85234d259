import type { ReplyUsage } from "../client/reply.ts";

export interface UsageWatch {
  see(bytes: Uint8Array): void;
  /** Null when nothing was said of it. */
  usage(): ReplyUsage | null;
}

/** Servers report usage at the end of an answer, so its last characters are all that need be kept. */
const TAIL = 4_096;

/** Reads the usage out of a chat completion that passes by, streamed or whole, without holding it back. */
export function watchUsage(): UsageWatch {
  const decoder = new TextDecoder();
  let tail = "";
  return {
    see: (bytes) => {
      tail = (tail + decoder.decode(bytes, { stream: true })).slice(-TAIL);
    },
    usage: () => {
      // Within a JSON string the quotes would be escaped, so what a model wrote is never taken for it.
      const last = [...tail.matchAll(/"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/g)].at(-1)?.[1];
      return last === undefined ? null : usageOf(last);
    },
  };
}

interface ChatUsageJson {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null;
}

function usageOf(json: string): ReplyUsage | null {
  let usage: ChatUsageJson;
  try {
    usage = JSON.parse(json);
  } catch {
    return null;
  }
  const prompt = tokens(usage.prompt_tokens);
  const cached = Math.min(prompt, tokens(usage.prompt_tokens_details?.cached_tokens));
  return { inputTokens: prompt - cached, cacheReadTokens: cached, outputTokens: tokens(usage.completion_tokens) };
}

const tokens = (value: unknown): number => (typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0);
