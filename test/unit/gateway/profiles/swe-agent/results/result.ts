import type { ToolResultBlock } from "../../../../../../core/gateway/client/request.ts";

const result = (text: string, isError: boolean): ToolResultBlock => ({
  type: "tool_result",
  toolUseId: "call",
  content: text === "" ? [] : [{ type: "text", text }],
  isError,
});

export const success = (text: string): ToolResultBlock => result(text, false);
export const failure = (text: string): ToolResultBlock => result(text, true);
/** As clients word most of their own refusals. */
export const toolError = (text: string): ToolResultBlock => result(`<tool_use_error>${text}</tool_use_error>`, true);

/** In the form in which 1.0.128 and 2.0.77 put one behind a result. */
export const REMINDER = "\n\n<system-reminder>\nRemember the list.\n\n</system-reminder>";
export const READ_REMINDER = "\n\n<system-reminder>\nMind what you read.\n</system-reminder>\n";
