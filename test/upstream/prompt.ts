import { chatText } from "../../core/dataset/formats/chat-text.ts";
import type { ChatBody, ChatBodyMessage } from "./request.ts";

/** The prompt as vLLM makes it with serve.jinja: parts of a content as lines, an image as the tokens that stand for it. */
export function promptText(body: Pick<ChatBody, "messages" | "tools">): string {
  const messages = body.messages.map((message) => ({ ...message, content: textOf(message) }));
  const text = chatText({ messages, tools: body.tools });
  if (text === null) throw new TypeError("The arguments of a call in the history are no JSON object.");
  return text;
}

function textOf({ content }: ChatBodyMessage): string {
  if (content === null || content === undefined) return "";
  if (typeof content === "string") return content;
  return content.map((part) => (part.type === "text" ? part.text : "<|vision_start|><|image_pad|><|vision_end|>")).join("\n");
}
