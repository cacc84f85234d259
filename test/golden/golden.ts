import { readdirSync, readFileSync } from "node:fs";
import type { ToolDefinition } from "../../core/agent/messages.ts";
import type { Turn } from "../../core/dataset/conversation.ts";
import { hermes } from "../../core/dataset/formats/hermes.ts";
import { formatNamed } from "../../core/dataset/formats/index.ts";
import { chatFrame, textSha256 } from "../../core/dataset/formats/text-message.ts";
import { toolJson } from "../../core/dataset/formats/tool-json.ts";

/** A row of the `openai` format and the text that is made of it, in TypeScript and in Python. */
export interface Golden {
  readonly name: string;
  readonly messages: readonly GoldenMessage[];
  /** JSON text, as in the column. */
  readonly tools: string;
  readonly text: string;
  readonly text_sha256: string;
  /** What is trained on, first and behind the last, in Unicode code points of the text. */
  readonly trained: readonly (readonly [number, number])[];
}

export interface GoldenMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly reasoning_content: string | null;
  readonly tool_calls:
    | readonly {
        readonly id: string;
        readonly type: "function";
        readonly function: { readonly name: string; readonly arguments: string };
      }[]
    | null;
  readonly tool_call_id: string | null;
  readonly train: boolean;
}

export const GOLDEN_FOLDER = new URL("rendering/", import.meta.url);

export function readGoldens(): readonly Golden[] {
  return readdirSync(GOLDEN_FOLDER)
    .toSorted()
    .map((file): Golden => JSON.parse(readFileSync(new URL(file, GOLDEN_FOLDER), "utf8")));
}

/** The messages of a row. They are plain JSON. */
export function messagesOf(turns: readonly Turn[]): readonly GoldenMessage[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the cells of a row have no narrower type
  return formatNamed("openai").messages(turns, NO_TRAJECTORY) as unknown as readonly GoldenMessage[];
}

// The format looks at the turns alone.
const NO_TRAJECTORY = {} as Parameters<ReturnType<typeof formatNamed>["messages"]>[1];

/** The turns that a row was made of. */
export function turnsOf(messages: readonly GoldenMessage[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const { role, content, reasoning_content: reasoning, tool_calls: calls, tool_call_id: toolCallId, train } of messages) {
    const last = turns.at(-1);
    if (role === "assistant") {
      const toolCalls = (calls ?? []).map((call) => ({ id: call.id, ...call.function }));
      turns.push({ role, content, reasoning, toolCalls, train });
    } else if (role !== "tool") turns.push({ role, content });
    else {
      const result = { toolCallId: toolCallId ?? "", content };
      if (last?.role === "tools") turns[turns.length - 1] = { role: "tools", results: [...last.results, result] };
      else turns.push({ role: "tools", results: [result] });
    }
  }
  return turns;
}

export const toolsOf = (tools: string): readonly ToolDefinition[] =>
  (JSON.parse(tools) as readonly { readonly function: ToolDefinition }[]).map((tool) => tool.function);

export function goldenOf(name: string, turns: readonly Turn[], tools: readonly ToolDefinition[]): Golden {
  const rendered = hermes.render(turns, tools);
  if (rendered === null) throw new TypeError(`${name} cannot be rendered.`);
  const trained: [number, number][] = [];
  let at = 0;
  for (const message of rendered) {
    const start = at + `<|im_start|>${message.role}\n`.length;
    if (message.train) trained.push([start, start + Array.from(`${message.content}<|im_end|>`).length]);
    at += Array.from(chatFrame(message)).length;
  }
  const text = rendered.map(chatFrame).join("");
  return {
    name,
    messages: messagesOf(turns),
    tools: `[${tools.map(toolJson).join(", ")}]`,
    text,
    text_sha256: textSha256(rendered),
    trained,
  };
}
