import { costMicroUsd } from "../../core/agent/cost.ts";
import type { RequestRecord } from "../../core/gateway/deps.ts";
import { count, counted } from "../format/count.ts";
import { usd } from "../format/money.ts";
import type { Price } from "./serving.ts";

/** What went through a gateway. Tokens; `inputTokens` holds the cached ones too. */
export interface Tally {
  readonly requests: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

export const EMPTY_TALLY: Tally = { requests: 0, failed: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0 };

export function withRequest(tally: Tally, record: RequestRecord): Tally {
  return {
    requests: tally.requests + 1,
    failed: tally.failed + (record.status >= 400 || record.error !== null ? 1 : 0),
    inputTokens: tally.inputTokens + record.inputTokens,
    cachedTokens: tally.cachedTokens + record.cachedTokens,
    outputTokens: tally.outputTokens + record.outputTokens,
  };
}

export function costOf(tally: Tally, price: Price): number {
  const { inputTokens, cachedTokens: cachedInputTokens, outputTokens } = tally;
  return costMicroUsd({ inputTokens, cachedInputTokens, outputTokens }, price);
}

/** One line without its end. */
export function tallyText(tally: Tally, price: Price): string {
  const parts = [
    `${counted(tally.requests, "request")}${tally.failed === 0 ? "" : ` (${count(tally.failed)} failed)`}`,
    `${count(tally.inputTokens)} tokens in (${count(tally.cachedTokens)} cached)`,
    `${count(tally.outputTokens)} out`,
    ...(price.isGiven ? [usd(costOf(tally, price))] : []),
  ];
  return parts.join(", ");
}
