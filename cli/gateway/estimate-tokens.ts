import { qwen3Tokenizer } from "../../core/dataset/tokenizer/index.ts";
import type { ChatMessage, ChatRequest } from "../../core/gateway/upstream/chat-request.ts";

/** What a chat template writes around one message. */
const FRAME_TOKENS = 5;

/** A prompt's tokens by Qwen3's vocabulary, for servers that count for nobody: other templates and vocabularies differ by some percent. */
export async function estimateTokens(chat: ChatRequest): Promise<number> {
  const tokenizer = await qwen3Tokenizer();
  const tools = chat.tools === undefined ? 0 : tokenizer.count(JSON.stringify(chat.tools));
  return chat.messages.reduce((sum, message) => sum + FRAME_TOKENS + tokenizer.count(textOf(message)), tools);
}

function textOf(message: ChatMessage): string {
  const calls = message.role === "assistant" ? (message.tool_calls ?? []) : [];
  const called = calls.map(({ function: { name, arguments: input } }) => `${name} ${input}`).join("\n");
  const { content } = message;
  const text = typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  return called === "" ? text : `${text}\n${called}`;
}
