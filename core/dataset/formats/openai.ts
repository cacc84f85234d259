import type { ToolCall } from "../../agent/messages.ts";
import { list, optionalText, scalar, struct, text, type Cell, type Row } from "../columns/column.ts";
import type { Turn } from "../conversation.ts";
import type { DatasetFormat } from "./format.ts";
import { hermes } from "./hermes.ts";
import { toolJson } from "./tool-json.ts";
import { pythonJson } from "../../agent/python-json.ts";

/**
 * Chat completions messages with `tool_calls` and `reasoning_content`; every field is there, null where a role has none. Arguments are
 * in Python's spelling, as the text has them. Nothing is escaped.
 */
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
  messages(turns) {
    const messages: Row[] = [];
    for (const turn of turns) {
      const rows = messagesOf(turn);
      if (rows === null) return null;
      messages.push(...rows);
    }
    return messages;
  },
  tools: (record) => `[${record.tools.map(toolJson).join(", ")}]`,
};

function messagesOf(turn: Turn): readonly Row[] | null {
  switch (turn.role) {
    case "assistant": {
      const calls = callsOf(turn.toolCalls);
      if (calls === undefined) return null;
      return [
        { ...EMPTY, role: "assistant", content: turn.content, reasoning_content: turn.reasoning, tool_calls: calls, train: turn.train },
      ];
    }
    case "tools":
      return turn.results.map((result) => ({ ...EMPTY, role: "tool", content: result.content, tool_call_id: result.toolCallId }));
    default:
      return [{ ...EMPTY, role: turn.role, content: turn.content }];
  }
}

const EMPTY = { reasoning_content: null, tool_calls: null, tool_call_id: null, train: false };

/** Undefined where some call's arguments have no canonical form. */
function callsOf(calls: readonly ToolCall[]): Cell | undefined {
  if (calls.length === 0) return null;
  const rows: Row[] = [];
  for (const { id, name, arguments: written } of calls) {
    const json = pythonJson(written);
    if (json === null) return undefined;
    rows.push({ id, type: "function", function: { name, arguments: json } });
  }
  return rows;
}
