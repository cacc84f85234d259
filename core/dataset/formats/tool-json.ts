import type { ToolDefinition } from "../../agent/messages.ts";
import { spacedJson } from "../../agent/spaced-json.ts";

/** A tool of a chat request; what a server adds to it, and what is null there, is no part of the text. */
export interface ToolText {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly parameters?: ToolDefinition["parameters"] | null | undefined;
}

/** The line of JSON that describes a tool to a model, and an item of the `tools` of a chat request: always these fields in this order. */
export function toolJson({ name, description, parameters }: ToolText): string {
  return spacedJson({ type: "function", function: { name, description: description ?? undefined, parameters: parameters ?? undefined } });
}
