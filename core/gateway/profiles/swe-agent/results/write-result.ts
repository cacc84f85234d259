import type { ToolResultBlock } from "../../../client/request.ts";
import { errorText, resultText } from "./result-text.ts";
import { CREATED, FOLDER, says, STALE } from "./wordings.ts";

/** What the client's Write brought. An empty file that was there counts as created: 2.1.329 says so. */
export type WriteResult =
  | { readonly kind: "created" | "overwritten" }
  | { readonly kind: "stale" | "folder" | "refused"; readonly text: string };

export function readWriteResult(result: ToolResultBlock): WriteResult {
  if (!result.isError) return { kind: CREATED.test(resultText(result)) ? "created" : "overwritten" };
  const text = errorText(result);
  if (says(text, FOLDER)) return { kind: "folder", text };
  return { kind: says(text, STALE) ? "stale" : "refused", text };
}
