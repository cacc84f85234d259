import { spacedJson } from "../../core/agent/spaced-json.ts";
import type { Reply, ScriptedCall } from "./reply.ts";

/** What the model writes, in the form that Qwen3's template gives to thoughts and calls. Thoughts in a field of their own are apart. */
export function modelText(reply: Reply): { readonly reasoning: string; readonly text: string } {
  if (reply.text !== undefined) return { reasoning: "", text: reply.text };
  const { thinking, content = "", calls = [], reasoningField } = reply;
  const inContent = thinking !== undefined && reasoningField === undefined;
  const parts = [...(content === "" ? [] : [content]), ...calls.map(callText)];
  return {
    reasoning: inContent ? "" : (thinking ?? ""),
    text: (inContent ? `<think>\n${thinking}\n</think>\n\n` : "") + parts.join("\n"),
  };
}

export const argumentsText = (call: ScriptedCall): string =>
  typeof call.arguments === "string" ? call.arguments : spacedJson(call.arguments);

const callText = (call: ScriptedCall): string =>
  `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${argumentsText(call)}}\n</tool_call>`;
