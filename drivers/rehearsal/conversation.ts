import { digest } from "./draw.ts";

/** A chat message as it came in, checked only as far as it is used. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
  readonly toolCallId: string;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly toolNames: readonly string[];
  readonly isStream: boolean;
  readonly wantsUsage: boolean;
  readonly maxTokens: number | null;
  /** Characters of the tool definitions, for the token count. */
  readonly toolCharacters: number;
  /** JSON Schema that the answer must match (`response_format`); null for free text. */
  readonly answerSchema: Readonly<Record<string, unknown>> | null;
}

/**
 * What tells conversations apart. Reasoning is left out, wherever it stands: a client may send it back in another place
 * after a restart, and the call is still the same.
 */
export function conversationKey({ messages, toolNames }: ChatRequest): string {
  const parts = messages.flatMap(({ role, content, calls, toolCallId }) => [
    role,
    content,
    ...calls.flatMap((call) => [call.id, call.name, call.input]),
    toolCallId,
  ]);
  return digest(...parts, ...toolNames);
}

/** The request, or what is wrong with it in a sentence. */
export function readRequest(json: unknown): ChatRequest | string {
  if (!isFields(json)) return "The body must be a JSON object.";
  const { model, messages, tools, stream, stream_options: streamOptions } = json;
  if (typeof model !== "string" || model === "") return "`model` must be a text that is not empty.";
  if (!Array.isArray(messages) || messages.length === 0) return "`messages` must be a list that is not empty.";
  const read: ChatMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const checked = readMessage(message);
    if (typeof checked === "string") return `messages[${index}]: ${checked}`;
    read.push(checked);
  }
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) return "`tools` must be a list.";
  const limit = json["max_completion_tokens"] ?? json["max_tokens"] ?? null;
  if (limit !== null && !(Number.isSafeInteger(limit) && Number(limit) >= 1)) return "`max_tokens` must be a whole number from 1.";
  const list: readonly unknown[] = Array.isArray(tools) ? tools : [];
  return {
    model,
    messages: read,
    // Tools that may not be called are none.
    toolNames: (json["tool_choice"] === "none" ? [] : list).map((tool) =>
      textOf(isFields(tool) && isFields(tool["function"]) ? tool["function"]["name"] : ""),
    ),
    isStream: stream === true,
    wantsUsage: isFields(streamOptions) && streamOptions["include_usage"] === true,
    maxTokens: limit === null ? null : Number(limit),
    toolCharacters: list.length === 0 ? 0 : JSON.stringify(list).length,
    answerSchema: schemaOf(json["response_format"]),
  };
}

function schemaOf(format: unknown): ChatRequest["answerSchema"] {
  const named = isFields(format) ? format["json_schema"] : null;
  const schema = isFields(named) ? named["schema"] : null;
  return isFields(schema) ? schema : null;
}

const ROLES = new Set(["system", "developer", "user", "assistant", "tool"]);

function readMessage(message: unknown): ChatMessage | string {
  if (!isFields(message)) return "must be an object.";
  const { role, content } = message;
  if (typeof role !== "string" || !ROLES.has(role)) return `role must be one of ${[...ROLES].join(", ")}.`;
  const isText = typeof content === "string" || Array.isArray(content);
  if (!isText && !(role === "assistant" && (content === null || content === undefined))) return "content must be a text.";
  const calls = message["tool_calls"];
  if (calls !== undefined && calls !== null && !Array.isArray(calls)) return "tool_calls must be a list.";
  const text = Array.isArray(content) ? content.map((part) => textOf(isFields(part) ? part["text"] : "")).join("") : textOf(content);
  const given = textOf(message["reasoning_content"] ?? message["reasoning"]);
  // The same reply counts and compares the same, wherever the client puts its reasoning.
  const thought = role === "assistant" && given === "" ? /^\s*<think>\n?([\s\S]*?)\n?<\/think>\s*/.exec(text) : null;
  return {
    role,
    content: thought === null ? text : text.slice(thought[0].length),
    reasoning: thought?.[1] ?? given,
    calls: Array.isArray(calls) ? calls.map(readCall) : [],
    toolCallId: textOf(message["tool_call_id"]),
  };
}

function readCall(call: unknown): ChatMessage["calls"][number] {
  const fields = isFields(call) ? call : {};
  const called = isFields(fields["function"]) ? fields["function"] : {};
  return { id: textOf(fields["id"]), name: textOf(called["name"]), input: textOf(called["arguments"]) };
}

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
