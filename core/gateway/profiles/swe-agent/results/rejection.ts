import type { ToolResultBlock } from "../../../client/request.ts";
import { errorText } from "./result-text.ts";
import { REJECTED, says } from "./wordings.ts";

/** What a person said instead of letting the client do a call, or what broke it off, in the client's words; null as a rule. */
export function rejectionText(result: ToolResultBlock): string | null {
  if (!result.isError) return null;
  const text = errorText(result);
  return says(text, REJECTED) ? text : null;
}
