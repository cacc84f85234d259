import type { ToolDefinition } from "../../agent/messages.ts";
import type { JsonObject } from "../client/request.ts";

/** A chat completions request in OpenAI's form, with the few fields that vLLM adds. `undefined` fields are not sent. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ChatTool[];
  readonly tool_choice?: "auto" | "none" | "required" | { readonly type: "function"; readonly function: { readonly name: string } };
  readonly parallel_tool_calls?: boolean;
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly stop?: readonly string[];
  readonly response_format?: JsonObject;
  /** vLLM: the answer goes on with the last message, which is the assistant's. The other field must be false then. */
  readonly continue_final_message?: true;
  readonly add_generation_prompt?: false;
  readonly stream: boolean;
  readonly stream_options?: { readonly include_usage: true };
}

export type ChatMessage =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user"; readonly content: string | readonly ChatPart[] }
  | {
      readonly role: "assistant";
      readonly content: string;
      /** Only where the model's server wants thoughts apart from the content. */
      readonly reasoning_content?: string;
      readonly reasoning?: string;
      readonly tool_calls?: readonly ChatCall[];
    }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };

export type ChatPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string } };

export interface ChatCall {
  readonly id: string;
  readonly type: "function";
  /** `arguments` must be valid JSON: vLLM parses it and answers 400 otherwise. */
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface ChatTool {
  readonly type: "function";
  readonly function: ToolDefinition;
}
