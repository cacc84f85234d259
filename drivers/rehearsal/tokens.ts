import type { Usage } from "../../core/agent/teacher.ts";
import type { Answer } from "./answer.ts";
import type { ChatMessage, ChatRequest } from "./conversation.ts";

/** Plausible, not exact: about four characters a token, four tokens of template around a message, cache blocks of 16 as in vLLM. */
const CHARACTERS = 4;
const TEMPLATE_TOKENS = 4;
const CACHE_BLOCK = 16;

const messageTokens = (message: ChatMessage): number =>
  TEMPLATE_TOKENS +
  Math.ceil(
    (message.content.length +
      message.reasoning.length +
      message.calls.reduce((sum, call) => sum + call.name.length + call.input.length, 0)) /
      CHARACTERS,
  );

export function promptTokens(request: ChatRequest): { readonly total: number; readonly cached: number } {
  let total = Math.ceil(request.toolCharacters / CHARACTERS);
  let sentBefore = 0;
  for (const message of request.messages) {
    // The last reply answered everything before it: that prompt was seen and is cached.
    if (message.role === "assistant") sentBefore = total;
    total += messageTokens(message);
  }
  return { total, cached: Math.floor(sentBefore / CACHE_BLOCK) * CACHE_BLOCK };
}

export const answerTokens = (answer: Answer): number =>
  1 +
  Math.ceil(
    (answer.content.length +
      answer.reasoning.length +
      answer.calls.reduce((sum, call) => sum + call.name.length + call.input.length + 20, 0)) /
      CHARACTERS,
  );

export function usageFor(request: ChatRequest, answer: Answer): Usage {
  const { total, cached } = promptTokens(request);
  return { inputTokens: total, cachedInputTokens: cached, outputTokens: answerTokens(answer) };
}
