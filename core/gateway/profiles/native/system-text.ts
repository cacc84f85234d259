import type { MessagesRequest } from "../../client/request.ts";

/**
 * Claude Code 2.1 puts a line for its maker's accounts in front of its system text. It is none of the model's business, and as it is
 * different in every session and again after a compaction, no prompt behind it would be found in a cache.
 */
const BILLING = /^x-anthropic-billing-header:[^\n]*$/;

/** The system text as one; "" when there is none. */
export const systemText = ({ system }: MessagesRequest): string =>
  system.filter((text) => text.trim() !== "" && !BILLING.test(text.trim())).join("\n\n");
