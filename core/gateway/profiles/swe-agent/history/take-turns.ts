import { GO_ON } from "../../../../agent/toolsets/swe-agent/prompts.ts";
import type { ChatMessage, ChatPart } from "../../../upstream/chat-request.ts";

/**
 * Messages in the order that chat templates accept: user and assistant take turns, results stand behind their calls, and the model is
 * asked by somebody. What was left out of the conversation may have torn holes.
 */
export function takeTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const ordered: ChatMessage[] = [];
  for (const message of messages) {
    const before = ordered.at(-1);
    if (message.role === "user" && before?.role === "user") {
      ordered[ordered.length - 1] = { role: "user", content: joined(before.content, message.content) };
      continue;
    }
    if (message.role === "assistant" && before?.role === "assistant") ordered.push({ role: "user", content: GO_ON });
    ordered.push(message);
  }
  if (ordered.at(-1)?.role === "assistant") ordered.push({ role: "user", content: GO_ON });
  return ordered;
}

type UserContent = Extract<ChatMessage, { role: "user" }>["content"];

function joined(before: UserContent, next: UserContent): UserContent {
  if (typeof before === "string" && typeof next === "string") return `${before}\n\n${next}`;
  return [...parts(before), ...parts(next)];
}

function parts(content: UserContent): readonly ChatPart[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}
