import { observation } from "../../../agent/observation.ts";
import type { ToolResultBlock } from "../../client/request.ts";
import { blockText } from "./history/block-text.ts";

export type ReadResult =
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "empty" }
  | { readonly kind: "beyond-end"; readonly lineCount: number | null }
  | { readonly kind: "too-large"; readonly text: string }
  | { readonly kind: "missing" | "folder" | "binary" | "unchanged" }
  | { readonly kind: "refused"; readonly text: string };

export function readReadResult(result: ToolResultBlock): ReadResult {
  const text = blockText(result).replace(/\n\n<system-reminder>\nWhenever[^]*$/, "");
  if (/does not exist/.test(text) && result.isError) return { kind: "missing" };
  if (/EISDIR/.test(text) && result.isError) return { kind: "folder" };
  if (/exceeds maximum/.test(text) && result.isError) return { kind: "too-large", text };
  if (/contents are empty/.test(text)) return { kind: "empty" };
  const beyond = /shorter than the provided offset \((\d+)\). The file has (\d+) lines/.exec(text);
  if (beyond) return beyond[1] === "1" ? { kind: "empty" } : { kind: "beyond-end", lineCount: Number(beyond[2]) };
  if (result.isError) return { kind: "refused", text };
  return { kind: "lines", lines: text.split("\n").map((line) => line.replace(/^ *\d+(?:\t|→)/, "")) };
}

export type EditResult = { readonly kind: "edited" } | { readonly kind: "stale" | "refused"; readonly text: string };
export function readEditResult(result: ToolResultBlock): EditResult {
  const text = blockText(result);
  if (!result.isError) return { kind: "edited" };
  return { kind: /not been read|modified/.test(text) ? "stale" : "refused", text };
}

export type WriteResult =
  | { readonly kind: "created" }
  | { readonly kind: "overwritten" }
  | { readonly kind: "stale" | "folder" | "refused"; readonly text: string };
export function readWriteResult(result: ToolResultBlock): WriteResult {
  const text = blockText(result);
  if (!result.isError) return { kind: text.includes("created") ? "created" : "overwritten" };
  return { kind: /EISDIR/.test(text) ? "folder" : /not been read|modified/.test(text) ? "stale" : "refused", text };
}

export function readBashResult(result: ToolResultBlock): { kind: "output"; text: string } | { kind: "refused"; text: string } {
  const text = blockText(result);
  if (result.isError) return { kind: "refused", text };
  return { kind: "output", text: text === "(Bash completed with no output)" ? "" : text };
}

export function rejectionText(result: ToolResultBlock): string | null {
  const text = blockText(result);
  return result.isError && text.startsWith("The user doesn't want") ? text : null;
}

export function bashObservation(result: ToolResultBlock, _timeoutMs: number, toModel: (text: string) => string): string {
  const read = readBashResult(result);
  return observation(toModel(read.text.replace(/^Exit code \d+\n?/, "")));
}
