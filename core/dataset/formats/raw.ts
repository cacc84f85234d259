import type { Message } from "../../agent/messages.ts";
import type { Step } from "../../agent/trajectory.ts";
import { list, optionalText, scalar, text, type Row } from "../columns/column.ts";
import { isTaught } from "../conversation.ts";
import type { DatasetFormat } from "./format.ts";
import { hermes } from "./hermes.ts";

/** Everything that happened, in order: refused replies and the refusals too, never cut; `detail` is JSON with what else is known of a step. */
export const raw: DatasetFormat = {
  name: "raw",
  description: "everything that happened, uncut: refused replies too, with usage, cost and times of each step as JSON in `detail`",
  messageFields: [
    text("role"),
    text("content"),
    optionalText("reasoning"),
    list("tool_calls", [text("id"), text("name"), text("arguments")]),
    optionalText("tool_call_id"),
    scalar("train", "bool"),
    scalar("refused", "bool"),
    optionalText("detail"),
  ],
  counted: { name: "hermes", format: hermes },
  messages: (_, record) => [...record.prompt.map(promptRow), ...record.steps.flatMap(stepRows)],
  tools: (record) => JSON.stringify(record.tools),
};

const EMPTY = { reasoning: null, tool_calls: null, tool_call_id: null, train: false, refused: false, detail: null };

function promptRow(message: Message): Row {
  switch (message.role) {
    case "assistant":
      return replyRow(message);
    case "tool":
      return { ...EMPTY, role: "tool", content: message.content.toWellFormed(), tool_call_id: message.toolCallId };
    default:
      return { ...EMPTY, role: message.role, content: message.content.toWellFormed() };
  }
}

function replyRow(reply: Step["reply"]): Row {
  const calls = reply.toolCalls.map((call) => ({
    id: call.id.toWellFormed(),
    name: call.name.toWellFormed(),
    arguments: call.arguments.toWellFormed(),
  }));
  const reasoning = reply.reasoning?.toWellFormed() ?? null;
  return { ...EMPTY, role: "assistant", content: reply.content.toWellFormed(), reasoning, tool_calls: calls };
}

function stepRows(step: Step): readonly Row[] {
  const { callId, finishReason, usage, costMicroUsd, model, latencyMs, at } = step;
  const detail = JSON.stringify({ callId, finishReason, usage, costMicroUsd, model, latencyMs, at });
  const refused = step.requery !== null;
  const rows: Row[] = [{ ...replyRow(step.reply), train: isTaught(step), refused, detail }];
  for (const { toolCallId, content, executionMs, timedOut } of step.observations) {
    const times = JSON.stringify({ executionMs, timedOut });
    rows.push({ ...EMPTY, role: "tool", content: content.toWellFormed(), tool_call_id: toolCallId.toWellFormed(), detail: times });
  }
  if (step.requery !== null) rows.push({ ...EMPTY, role: "user", content: step.requery.toWellFormed(), refused });
  return rows;
}
