import { spacedJson } from "../../core/agent/spaced-json.ts";
import { pythonJson } from "../../core/agent/python-json.ts";
import type { ChatBody, ChatBodyMessage, ChatBodyTool } from "./request.ts";

/**
 * The prompt as a chat template writes it: ChatML with Hermes calls, as Qwen3 has it, thoughts kept on every turn. Arguments pass
 * through `json.loads` and `tojson` on the way, as in vLLM, so their spacing is Python's whatever the client sent.
 */
export function promptText(body: Pick<ChatBody, "messages" | "tools">): string {
  const [first, ...rest] = body.messages;
  const tools = body.tools ?? [];
  const hasSystem = first?.role === "system" || first?.role === "developer";
  const system = hasSystem ? textOf(first) : "";
  const head = [system, toolsText(tools)].filter((part) => part !== "").join("\n\n");
  const turns = hasSystem ? rest : body.messages;
  return (hasSystem || head !== "" ? frame("system", head) : "") + turnsText(turns) + "<|im_start|>assistant\n";
}

const frame = (role: string, content: string): string => `<|im_start|>${role}\n${content}<|im_end|>\n`;

/** Results that follow one another stand in one user turn, which ends only where something else comes. */
function turnsText(messages: readonly ChatBodyMessage[]): string {
  let text = "";
  for (const [at, message] of messages.entries()) {
    if (message.role === "tool") {
      if (messages[at - 1]?.role !== "tool") text += "<|im_start|>user";
      text += `\n<tool_response>\n${textOf(message)}\n</tool_response>`;
      if (messages[at + 1]?.role !== "tool") text += "<|im_end|>\n";
    } else if (message.role === "assistant") text += frame("assistant", assistantText(message));
    else text += frame(message.role === "developer" ? "system" : message.role, textOf(message));
  }
  return text;
}

function assistantText(message: Extract<ChatBodyMessage, { role: "assistant" }>): string {
  const reasoning = message.reasoning ?? message.reasoning_content ?? null;
  const thought = reasoning === null ? "" : `<think>\n${reasoning}\n</think>\n\n`;
  const calls = (message.tool_calls ?? []).map(({ function: called }) => {
    const input = called.arguments ?? "";
    return `<tool_call>\n{"name": ${JSON.stringify(called.name)}, "arguments": ${input === "" ? "{}" : pythonJson(input)}}\n</tool_call>`;
  });
  const content = textOf(message);
  // The line end in front of a call is the one that the model wrote, where there is one: the parser leaves it in the content.
  const gap = calls.length === 0 || content === "" || content.endsWith("\n") ? "" : "\n";
  return thought + content + gap + calls.join("\n");
}

function textOf(message: ChatBodyMessage): string {
  const { content } = message;
  if (content === null || content === undefined) return "";
  if (typeof content === "string") return content;
  return content.map((part) => (part.type === "text" ? part.text : "<|vision_start|><|image_pad|><|vision_end|>")).join("\n");
}

function toolsText(tools: readonly ChatBodyTool[]): string {
  if (tools.length === 0) return "";
  const lines = tools.map((tool) => spacedJson(tool)).join("\n");
  return `# Tools\n\nFunctions that may be called:\n<tools>\n${lines}\n</tools>\n\nA call is a JSON object with name and arguments between <tool_call> and </tool_call>.`;
}
