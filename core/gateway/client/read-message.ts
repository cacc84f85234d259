import { otherBlock } from "./other-block.ts";
import { flagAt, listAt, nameAt, objectAt, Misread, shallowAt, textAt } from "./misread.ts";
import type { ClientBlock, ClientMessage, ImageBlock, JsonObject, OtherBlock, TextBlock, ToolResultBlock } from "./request.ts";

const MAX_BLOCKS = 100_000;

export function readMessage(value: unknown, path: string): ClientMessage {
  const message = objectAt(value, path);
  const role = message["role"];
  if (role !== "user" && role !== "assistant" && role !== "system") {
    throw new Misread(`${path}.role`, '"user", "assistant" or "system"');
  }
  return { role, content: readContent(message["content"], `${path}.content`, readBlock) };
}

/** A string is one text block; an empty one is none. */
function readContent<B>(value: unknown, path: string, read: (block: JsonObject, path: string) => B): readonly (B | TextBlock)[] {
  if (typeof value === "string") return value === "" ? [] : [{ type: "text", text: value.toWellFormed() }];
  if (!Array.isArray(value)) throw new Misread(path, "a string or an array of blocks");
  return listAt(value, path, MAX_BLOCKS).map((entry, index) => {
    const at = `${path}[${index}]`;
    return read(objectAt(entry, at), at);
  });
}

function readBlock(block: JsonObject, path: string): ClientBlock {
  switch (block["type"]) {
    case "thinking":
      return {
        type: "thinking",
        thinking: textAt(block["thinking"], `${path}.thinking`),
        signature: textAt(block["signature"] ?? "", `${path}.signature`),
      };
    case "tool_use":
      return {
        type: "tool_use",
        id: nameAt(block["id"], `${path}.id`),
        name: nameAt(block["name"], `${path}.name`),
        input: shallowAt(block["input"] ?? {}, `${path}.input`),
      };
    case "tool_result":
      return readResult(block, path);
    default:
      return readPlain(block, path);
  }
}

function readResult(block: JsonObject, path: string): ToolResultBlock {
  return {
    type: "tool_result",
    toolUseId: nameAt(block["tool_use_id"], `${path}.tool_use_id`),
    content: readContent(block["content"] ?? "", `${path}.content`, readPlain),
    isError: flagAt(block["is_error"], `${path}.is_error`) ?? false,
  };
}

/** What a tool's result may hold, too. */
function readPlain(block: JsonObject, path: string): TextBlock | ImageBlock | OtherBlock {
  const type = block["type"];
  if (typeof type !== "string") throw new Misread(`${path}.type`, "a string");
  if (type === "text") return { type, text: textAt(block["text"], `${path}.text`) };
  if (type === "image") return readImage(block, path);
  return otherBlock(type, block);
}

/** An image that is kept elsewhere (`file`) cannot be shown to a model. */
function readImage(block: JsonObject, path: string): ImageBlock | OtherBlock {
  const source = objectAt(block["source"], `${path}.source`);
  if (source["type"] === "base64") {
    return {
      type: "image",
      mediaType: nameAt(source["media_type"], `${path}.source.media_type`),
      base64: nameAt(source["data"], `${path}.source.data`),
      url: null,
    };
  }
  if (source["type"] === "url") return { type: "image", mediaType: "", base64: null, url: nameAt(source["url"], `${path}.source.url`) };
  return { type: "other", name: "image", text: null };
}
