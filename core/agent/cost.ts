import type { TeacherConfig } from "../config/schema.ts";
import type { Usage } from "./teacher.ts";

/**
 * Cost of a call in whole micro-dollars, rounded half up, so that sums are exact integers.
 * Prices are USD per 1M tokens, which is micro-USD per token.
 */
export function costMicroUsd(usage: Usage, price: TeacherConfig["price"]): number {
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const fresh = usage.inputTokens - cached;
  return Math.round(fresh * price.input + cached * (price.cachedInput ?? price.input) + usage.outputTokens * price.output);
}
