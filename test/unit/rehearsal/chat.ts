import type { ChatMessage, ChatRequest } from "../../../drivers/rehearsal/conversation.ts";

export const message = (role: string, content: string, more: Partial<ChatMessage> = {}): ChatMessage => ({
  role,
  content,
  reasoning: "",
  calls: [],
  toolCallId: "",
  ...more,
});

export const ask = (
  messages: readonly ChatMessage[],
  toolNames: readonly string[] = ["bash", "str_replace_editor", "submit"],
  answerSchema: ChatRequest["answerSchema"] = null,
): ChatRequest => ({
  model: "rehearsal",
  messages,
  toolNames,
  isStream: false,
  wantsUsage: false,
  maxTokens: null,
  toolCharacters: 0,
  answerSchema,
});
