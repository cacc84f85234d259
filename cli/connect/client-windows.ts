/** What Claude Code is told of the window. */
export interface ClientWindows {
  /** CLAUDE_CODE_MAX_OUTPUT_TOKENS */
  readonly outputTokens: number;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Claude Code 2.1.329 compacts when the last answer's usage reaches MAX_CONTEXT_TOKENS - min(MAX_OUTPUT_TOKENS, 20,000) - 13,000
 * (measured, in steps of 200 and 400 tokens: 45,056 and 4,096 at 28,000; 45,056 and 8,192 at 24,000; 77,824 and 8,192 at 56,800;
 * 143,360 and 16,384 at 114,000; 28,672 and 2,048 at 13,800; 20,480 and 1,024 at 6,600). Those 13,000 are more than a third of a
 * window of 32,768, so the window is told 12,288 larger than it is: compaction then comes when an answer still fits, and
 * `prompt is too long` of the gateway, after which the client compacts as well, is left for single results that are very long.
 */
const MARGIN_TOKENS = 12_288;

const MOST_OUTPUT_TOKENS = 16_384;
const LEAST_OUTPUT_TOKENS = 1024;

/** Before 2.1 a model that it does not know has this window, and the only thing to set is a share of it in whole percent (2.0.77; 1.0.128 knows none). */
const OLD_WINDOW_TOKENS = 200_000;

export function clientWindows(
  contextTokens: number,
  maxOutputTokens: number | null,
  version: readonly [number, number] | null,
): ClientWindows {
  const share = Math.floor(contextTokens / 8);
  const outputTokens = maxOutputTokens ?? Math.max(LEAST_OUTPUT_TOKENS, Math.min(MOST_OUTPUT_TOKENS, share));
  const output = { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(outputTokens) };
  const isOld = version !== null && (version[0] < 2 || (version[0] === 2 && version[1] < 1));
  if (!isOld) return { outputTokens, env: { ...output, CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(contextTokens + MARGIN_TOKENS) } };
  const percent = Math.floor((100 * (contextTokens - outputTokens)) / (OLD_WINDOW_TOKENS - outputTokens));
  return { outputTokens, env: { ...output, ...(percent < 1 || percent > 90 ? {} : { CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: String(percent) }) } };
}
