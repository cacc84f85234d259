import type { ToolResultBlock } from "../../../client/request.ts";

/** What of a result can be read as text. */
export function blockText(result: ToolResultBlock): string {
  return result.content
    .map((block) => (block.type === "text" ? block.text : block.type === "image" ? `(an image, ${block.mediaType})` : (block.text ?? "")))
    .filter((text) => text !== "")
    .join("\n");
}
