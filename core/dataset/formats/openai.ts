import type { ToolCall } from "../../agent/messages.ts";
import { list, optionalText, scalar, struct, text, type Cell, type Row } from "../columns/column.ts";
import type { Turn } from "../conversation.ts";
import type { DatasetFormat } from "./format.ts";
import { hermes } from "./hermes.ts";
import { spacedJson } from "../../agent/spaced-json.ts";

/** Chat completions messages with `tool_calls` and `reasoning_content`; every field is there, null where a role has none. Nothing is escaped. */
export const openai: DatasetFormat = {
  name: "openai",
  description: "chat completions messages with `tool_calls` and `reasoning_content`; `tools` is the JSON of the tools parameter",
  messageFields: [
    text("role"),
    text("content"),
    optionalText("reasoning_content"),
    list("tool_calls", [text("id"), text("type"), struct("function", [text("name"), text("arguments")])]),
    optionalText("tool_call_id"),
    scalar("train", "bool"),
  ],
  counted: { name: "hermes", format: hermes },
  messages: (turns) => turns.flatMap(messagesOf),
  tools: (record) => spacedJson(record.tools.map((tool) => ({ type: "function", function: tool }))),
};

function messagesOf(turn: Turn): readonly Row[] {
  switch (turn.role) {
    case "assistant":
      return [
        {
          ...EMPTY,
          role: "assistant",
          content: turn.content,
          reasoning_content: turn.reasoning,
          tool_calls: callsOf(turn.toolCalls),
          train: turn.train,
        },
      ];
    case "tools":
      return turn.results.map((result) => ({ ...EMPTY, role: "tool", content: result.content, tool_call_id: result.toolCallId }));
    default:
      return [{ ...EMPTY, role: turn.role, content: turn.content }];
  }
}

const EMPTY = { reasoning_content: null, tool_calls: null, tool_call_id: null, train: false };

function callsOf(calls: readonly ToolCall[]): Cell {
  if (calls.length === 0) return null;
  return calls.map((call) => ({ id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } }));
}
