import { readMessagesRequest } from "../../../../core/gateway/client/read-request.ts";
import type { MessagesRequest } from "../../../../core/gateway/client/request.ts";
import type { Plan } from "../../../../core/gateway/profiles/profile.ts";
import type { ChatRequest } from "../../../../core/gateway/upstream/chat-request.ts";
import { servedModel } from "../../../upstream/served-model.ts";

export const model = servedModel({
  name: "serac-model",
  upstreamName: "upstream-model",
  maxOutputTokens: 4096,
  sampling: { temperature: 0.6, topP: 0.95, topK: 20 },
  escapesReserved: false,
});

export const BASH = {
  name: "Bash",
  description: "Runs a command.",
  input_schema: { type: "object", properties: { command: { type: "string" } }, required: ["command"] },
};
export const EDIT = {
  name: "Edit",
  description: "Replaces text in a file.",
  input_schema: { type: "object", properties: { file_path: {}, old_string: {}, new_string: {}, replace_all: {} } },
};

/** A request of the Messages API, read as the gateway reads it. */
export function request(fields: Readonly<Record<string, unknown>>): MessagesRequest {
  const read = readMessagesRequest({
    model: "serac-model",
    max_tokens: 32_000,
    stream: true,
    messages: [{ role: "user", content: "Hello" }],
    ...fields,
  });
  if (!read.ok) throw new Error(read.problem);
  return read.request;
}

export function chatOf(plan: Plan): ChatRequest {
  if (plan.kind !== "ask") throw new Error("The plan asks nobody.");
  return plan.chat;
}
