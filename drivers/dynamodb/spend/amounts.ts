import type { Usage } from "../../../core/agent/teacher.ts";

/** A fraction here would make every later sum inexact. */
export function assertAmount(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`an amount is a whole number of micro-dollars, not ${amount}`);
}

export function assertUsage(usage: Usage): void {
  for (const tokens of [usage.inputTokens, usage.cachedInputTokens, usage.outputTokens]) {
    if (!Number.isSafeInteger(tokens) || tokens < 0) throw new RangeError(`tokens are counted in whole numbers, not ${tokens}`);
  }
}

export const usd = (microUsd: number): string =>
  `$${(microUsd / 1e6).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;
