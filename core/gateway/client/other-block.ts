import { isObject } from "./misread.ts";
import type { JsonObject, OtherBlock } from "./request.ts";

/** A block of a type without a meaning here, with what a person could read of it. Never refuses. */
export function otherBlock(type: string, block: JsonObject): OtherBlock {
  const read = READERS[type] ?? plainText;
  return { type: "other", name: type, text: read(block)?.toWellFormed() ?? null };
}

/** By type; a map without a prototype, since types come from outside. */
const READERS: Readonly<Record<string, (block: JsonObject) => string | null>> = Object.assign(Object.create(null), {
  document: documentText,
  search_result: searchResultText,
  web_search_tool_result: webSearchText,
});

/** A document may be text, or blocks of text; pages of a PDF are not readable here. */
function documentText(block: JsonObject): string | null {
  const source = block["source"];
  if (!isObject(source)) return null;
  const text = source["type"] === "text" ? textIn(source["data"]) : source["type"] === "content" ? textIn(source["content"]) : null;
  return withHead([textIn(block["title"]), textIn(block["context"])], text);
}

function searchResultText(block: JsonObject): string | null {
  return withHead([textIn(block["title"]), textIn(block["source"])], textIn(block["content"]));
}

function webSearchText(block: JsonObject): string | null {
  const results = block["content"];
  if (!Array.isArray(results)) return null;
  const lines = results.flatMap((result) =>
    isObject(result) && typeof result["url"] === "string" ? [`${textIn(result["title"]) ?? ""} ${result["url"]}`.trim()] : [],
  );
  return lines.length === 0 ? null : lines.join("\n");
}

const plainText = (block: JsonObject): string | null => textIn(block["text"]) ?? textIn(block["content"]);

const withHead = (head: readonly (string | null)[], text: string | null): string | null =>
  text === null ? null : [...head, text].filter((part) => part !== null).join("\n");

/** A string, or the texts of a list of text blocks; null where there is neither. */
function textIn(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  if (!Array.isArray(value)) return null;
  const texts = value.flatMap((entry) => (isObject(entry) && typeof entry["text"] === "string" ? [entry["text"]] : []));
  return texts.length === 0 ? null : texts.join("\n");
}
