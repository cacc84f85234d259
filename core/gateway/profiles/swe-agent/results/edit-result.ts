import type { ToolResultBlock } from "../../../client/request.ts";
import { errorText } from "./result-text.ts";
import { MISSING, says, STALE } from "./wordings.ts";

/** What the client's Edit brought; `text` is what the client says. */
export type EditResult = { readonly kind: "edited" } | { readonly kind: "stale" | "missing" | "refused"; readonly text: string };

export function readEditResult(result: ToolResultBlock): EditResult {
  if (!result.isError) return { kind: "edited" };
  const text = errorText(result);
  if (says(text, STALE)) return { kind: "stale", text };
  return { kind: says(text, MISSING) ? "missing" : "refused", text };
}
