import type { ToolResultBlock } from "../../../client/request.ts";
import { readNumberedLines } from "./numbered-lines.ts";
import { errorText, resultText } from "./result-text.ts";
import { BEYOND_END, BINARY, EMPTY, FOLDER, MISSING, says, TOO_LARGE, UNCHANGED } from "./wordings.ts";

/** What the client's Read brought. */
export type ReadResult =
  /** `first` counts from 1. A file that ends in a line end has a last, empty line. Line ends are LF, whatever the file has. */
  | { readonly kind: "lines"; readonly first: number; readonly lines: readonly string[] }
  /** The file has no byte in it. */
  | { readonly kind: "empty" }
  | { readonly kind: "beyond-end"; readonly lineCount: number | null }
  | { readonly kind: "too-large"; readonly text: string }
  | { readonly kind: "missing" | "folder" | "binary" | "unchanged" }
  /** Anything else, in the client's words: no permission, a notebook's cells. */
  | { readonly kind: "refused"; readonly text: string };

/** Where git looks for a NUL, as the harness does. */
const BINARY_PREFIX = 8000;

export function readReadResult(result: ToolResultBlock): ReadResult {
  if (result.isError) return readError(errorText(result));
  if (result.content.some((block) => block.type === "image" || (block.type === "other" && block.name === "document")))
    return { kind: "binary" };
  const text = resultText(result);
  if (says(text, EMPTY)) return { kind: "empty" };
  if (says(text, UNCHANGED)) return { kind: "unchanged" };
  if (says(text, BINARY)) return { kind: "binary" };
  const beyond = BEYOND_END.exec(text);
  if (beyond !== null) return readBeyondEnd(Number(beyond[1]), Number(beyond[2]));
  const read = readNumberedLines(text);
  if (read === null) return { kind: "refused", text };
  const { first, lines } = read;
  if (lines.join("\n").slice(0, BINARY_PREFIX).includes("\0")) return { kind: "binary" };
  // Older clients show the byte order mark.
  if (first === 1) return { kind: "lines", first, lines: [lines[0]!.replace(/^\ufeff/, ""), ...lines.slice(1)] };
  return { kind: "lines", first, lines };
}

function readError(text: string): ReadResult {
  if (says(text, MISSING)) return { kind: "missing" };
  if (says(text, FOLDER)) return { kind: "folder" };
  if (says(text, TOO_LARGE)) return { kind: "too-large", text };
  if (says(text, BINARY)) return { kind: "binary" };
  return { kind: "refused", text };
}

/** 1.0.128 and 2.0.77 say the same of an empty file, and of a single empty line wherever it stands. */
function readBeyondEnd(offset: number, lineCount: number): ReadResult {
  if (offset > lineCount) return { kind: "beyond-end", lineCount };
  return offset === 1 && lineCount === 1 ? { kind: "empty" } : { kind: "lines", first: offset, lines: [""] };
}
