import type { ChatCompletionCreateParams, ChatCompletionMessageParam } from "openai/resources/chat/completions";
import type { AssistantMessage, Message } from "../../core/agent/messages.ts";
import type { TeacherRequest } from "../../core/agent/teacher.ts";
import type { Dialect } from "./dialect.ts";
import { joinThinking } from "./reasoning.ts";

/** The body of POST /chat/completions. */
export function requestBody(model: string, request: TeacherRequest, dialect: Dialect): ChatCompletionCreateParams {
  return {
    model,
    messages: request.messages.map((message) => messageParam(message, dialect)),
    temperature: request.temperature,
    ...(request.tools.length === 0
      ? {}
      : {
          tools: request.tools.map(({ name, description, parameters }) => ({
            type: "function",
            function: { name, description, parameters },
          })),
        }),
    ...(request.maxOutputTokens === undefined ? {} : { [dialect.maxTokensField]: request.maxOutputTokens }),
    ...(dialect.stream ? { stream: true } : {}),
    ...(dialect.streamUsage ? { stream_options: { include_usage: true } } : {}),
  };
}

function messageParam(message: Message, dialect: Dialect): ChatCompletionMessageParam {
  switch (message.role) {
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.content };
    case "assistant":
      return assistantParam(message, dialect);
    default:
      return { role: message.role, content: message.content };
  }
}

function assistantParam(message: AssistantMessage, dialect: Dialect): ChatCompletionMessageParam {
  const { reasoning } = message;
  const isInline = reasoning !== null && dialect.reasoning === "think";
  const content = isInline ? joinThinking(reasoning, message.content) : message.content;
  return {
    role: "assistant",
    // Absent text beside tool calls is null in the protocol; some servers refuse an empty text there.
    content: content === "" && message.toolCalls.length > 0 ? null : content,
    ...(reasoning === null || isInline || dialect.reasoning === null ? {} : { [dialect.reasoning]: reasoning }),
    ...(message.toolCalls.length === 0
      ? {}
      : {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.id,
            type: "function" as const,
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
  };
}
