import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { joinThinking, splitThinking } from "../../../drivers/openai/reasoning.ts";
import type { RowMessage, Sample } from "./samples.ts";

/** What a model said, for whom it is all the same by which API it came. */
export interface Said {
  readonly thinking: string | null;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
}

/** A client in a conversation with the model. It begins with what the sample begins with, and keeps the model's own words as its history. */
export interface Client {
  ask(maxTokens: number): Promise<Said>;
  /** Results of the calls of the last reply, in their order. */
  answer(results: readonly string[]): void;
}

/** How the reply of a row comes back: blanks at the end of a text that calls follow are the template's as well as the model's. */
export function saidIn({ content, reasoning_content: thinking, tool_calls: calls }: RowMessage): Said {
  return {
    thinking,
    text: content.trim(),
    calls: (calls ?? []).map((call) => ({ name: call.function.name, input: JSON.parse(call.function.arguments) })),
  };
}

/** A message of a row as the harness sends it to a server that leaves thoughts in the content. */
export function chatMessage({ role, content, reasoning_content: thinking, tool_calls: calls, tool_call_id: id }: RowMessage): object {
  if (role === "tool") return { role, tool_call_id: id, content };
  const text = thinking === null ? content : joinThinking(thinking, content);
  return { role, content: text, ...(calls === null ? {} : { tool_calls: calls }) };
}

/** `POST /v1/chat/completions`, as the harness asks a teacher. */
export function chatClient(client: OpenAI, model: string, sample: Sample, stream: boolean): Client {
  const history: OpenAI.ChatCompletionMessageParam[] = sample.messages
    .filter(({ role }) => role === "system" || role === "user")
    .map(({ role, content }) => ({ role: role === "system" ? "system" : "user", content }));
  const tools = sample.tools.map((tool) => ({
    type: tool.type,
    function: { ...tool.function, parameters: { ...tool.function.parameters } },
  }));
  let open: readonly OpenAI.ChatCompletionMessageToolCall[] = [];
  return {
    async ask(maxTokens) {
      const request = { model, messages: history, tools, temperature: 0, max_tokens: maxTokens };
      const { choices } = stream
        ? await client.chat.completions.stream(request).finalChatCompletion()
        : await client.chat.completions.create(request);
      const { content, tool_calls: calls = [] } = choices[0]!.message;
      open = calls;
      history.push({ role: "assistant", content, ...(calls.length === 0 ? {} : { tool_calls: calls }) });
      const split = splitThinking(content ?? "");
      return {
        thinking: split.reasoning,
        text: split.content.trim(),
        calls: calls.map((call) => {
          if (call.type !== "function") throw new TypeError(`A call of the type ${call.type}.`);
          return { name: call.function.name, input: JSON.parse(call.function.arguments) };
        }),
      };
    },
    answer(results) {
      for (const [at, content] of results.entries()) history.push({ role: "tool", tool_call_id: open[at]!.id, content });
    },
  };
}

/** `POST /v1/messages`, as Claude Code asks, with the sample's tools as its own. */
export function messagesClient(client: Anthropic, model: string, sample: Sample, stream: boolean): Client {
  const texts = (role: RowMessage["role"]): string[] =>
    sample.messages.filter((message) => message.role === role).map(({ content }) => content);
  const history: Anthropic.MessageParam[] = texts("user").map((content) => ({ role: "user", content }));
  const tools = sample.tools.map(({ function: tool }) => ({
    name: tool.name,
    description: tool.description,
    input_schema: { ...tool.parameters, type: "object" as const },
  }));
  let open: readonly Anthropic.ToolUseBlock[] = [];
  return {
    async ask(maxTokens) {
      const request = { model, system: texts("system").join("\n\n"), messages: history, tools, temperature: 0, max_tokens: maxTokens };
      const { content } = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
      open = content.filter((block) => block.type === "tool_use");
      history.push({ role: "assistant", content });
      return {
        thinking: content.find((block) => block.type === "thinking")?.thinking ?? null,
        text: content
          .flatMap((block) => (block.type === "text" ? [block.text] : []))
          .join("")
          .trim(),
        calls: open.map(({ name, input }) => ({ name, input })),
      };
    },
    answer(results) {
      const blocks = results.map((content, at) => ({ type: "tool_result" as const, tool_use_id: open[at]!.id, content }));
      history.push({ role: "user", content: blocks });
    },
  };
}
