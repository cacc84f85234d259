/** A tool as the model is told of it: the function part of an OpenAI chat completions tool. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text exactly as the model wrote it: byte-stable, possibly not valid JSON. */
  readonly arguments: string;
}

export interface SystemMessage {
  readonly role: "system";
  readonly content: string;
}
export interface UserMessage {
  readonly role: "user";
  readonly content: string;
}
export interface AssistantMessage {
  readonly role: "assistant";
  readonly content: string;
  /** From `reasoning`, `reasoning_content` or a leading `<think>`; null when the model gave none. */
  readonly reasoning: string | null;
  readonly toolCalls: readonly ToolCall[];
}
export interface ToolMessage {
  readonly role: "tool";
  readonly toolCallId: string;
  readonly content: string;
}
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;
