import type { Message, ToolCall } from "../../agent/messages.ts";
import { messageTurns } from "../conversation.ts";
import { hermesAsGiven } from "./hermes.ts";
import { chatFrame } from "./text-message.ts";
import type { ToolText } from "./tool-json.ts";

/** A message of a chat completions request whose content is text. */
export interface ChatTextMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content?: string | null | undefined;
  readonly reasoning?: string | null | undefined;
  readonly reasoning_content?: string | null | undefined;
  readonly tool_calls?: readonly ChatTextCall[] | null | undefined;
}

interface ChatTextCall {
  readonly function: { readonly name: string; readonly arguments?: string | null | undefined };
}

export interface ChatTextBody {
  readonly messages: readonly ChatTextMessage[];
  readonly tools?: readonly { readonly function: ToolText }[] | null | undefined;
  /** Whether the text ends with the beginning of a reply; it does unless this is false. */
  readonly add_generation_prompt?: boolean | null | undefined;
}

/**
 * The text that a server with serve.jinja makes of a chat completions request. Nothing is escaped: who sends the request has done so.
 * Null where the arguments of some call are no JSON object in Python's eyes; a server refuses such a request.
 */
export function chatText({ messages, tools, add_generation_prompt: isAsked }: ChatTextBody): string | null {
  const described = (tools ?? []).map((tool) => tool.function);
  const rendered = hermesAsGiven.render(messageTurns(messages.map(messageOf)), described);
  if (rendered === null) return null;
  return rendered.map(chatFrame).join("") + (isAsked === false ? "" : "<|im_start|>assistant\n");
}

function messageOf(message: ChatTextMessage): Message {
  const content = message.content ?? "";
  switch (message.role) {
    case "assistant": {
      const reasoning = message.reasoning ?? message.reasoning_content ?? null;
      return { role: "assistant", content, reasoning, toolCalls: (message.tool_calls ?? []).map(callOf) };
    }
    case "tool":
      return { role: "tool", toolCallId: "", content };
    case "developer":
      return { role: "system", content };
    default:
      return { role: message.role, content };
  }
}

const callOf = ({ function: called }: ChatTextCall): ToolCall => ({ id: "", name: called.name, arguments: called.arguments ?? "" });
