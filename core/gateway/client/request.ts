/**
 * A Messages API request as the gateway reads it: checked, strings made blocks, everything that no profile uses left out.
 * Unknown fields and block types are never refused: clients send new ones with every release, and answer a 400 or 422 by giving up.
 */
export interface MessagesRequest {
  /** As the client named it; answers carry the same name. */
  readonly model: string;
  /** Texts of the `system` field in their order. */
  readonly system: readonly string[];
  readonly messages: readonly ClientMessage[];
  readonly tools: readonly ClientTool[];
  readonly toolChoice: ToolChoice | null;
  readonly maxTokens: number | null;
  readonly isStream: boolean;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly stopSequences: readonly string[];
  /** JSON Schema that the answer's text must match (`output_config.format`, `output_format`); null for free text. */
  readonly outputSchema: JsonObject | null;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** `system` messages stand between the others since Claude Code 2.1; they stay in their place. */
export interface ClientMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: readonly ClientBlock[];
}

export type ClientBlock = TextBlock | ImageBlock | ThinkingBlock | ToolUseBlock | ToolResultBlock | OtherBlock;

export interface TextBlock {
  readonly type: "text";
  readonly text: string;
}

export interface ImageBlock {
  readonly type: "image";
  readonly mediaType: string;
  /** One of the two. */
  readonly base64: string | null;
  readonly url: string | null;
}

export interface ThinkingBlock {
  readonly type: "thinking";
  readonly thinking: string;
  readonly signature: string;
}

export interface ToolUseBlock {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

export interface ToolResultBlock {
  readonly type: "tool_result";
  readonly toolUseId: string;
  readonly content: readonly (TextBlock | ImageBlock | OtherBlock)[];
  readonly isError: boolean;
}

/** A block of a type that models behind the gateway know nothing of: a document, a server tool's result, a redacted thought. */
export interface OtherBlock {
  readonly type: "other";
  readonly name: string;
  /** What of it can be read as text; null when nothing can. */
  readonly text: string | null;
}

export interface ClientTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** `web_search_20250305` and the like are run by the API itself; null for the client's own tools. */
  readonly serverType: string | null;
}

export interface ToolChoice {
  readonly type: "auto" | "any" | "none" | "tool";
  /** Of the tool, for `tool`. */
  readonly name: string | null;
  readonly isParallelDisabled: boolean;
}
