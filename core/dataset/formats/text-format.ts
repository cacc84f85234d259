import type { ToolCall, ToolDefinition } from "../../agent/messages.ts";
import type { AssistantTurn, Turn } from "../conversation.ts";
import { assistantContent } from "./assistant-content.ts";
import type { Quoting } from "./quoting.ts";
import type { TextMessage } from "./text-message.ts";
import { toolJson, type ToolText } from "./tool-json.ts";

/** How a format that is nothing but text writes one call. */
export interface CallSyntax {
  /** Ends the tools section; says how a call is written. */
  readonly instructions: string;
  /** What stands between `<tool_call>\n` and `\n</tool_call>`; null when this call cannot be written so that it reads back the same. */
  renderCall(call: ToolCall, tools: readonly ToolText[], quoting: Quoting): string | null;
  /** Null when the text is no call. */
  parseCall(text: string, tools: readonly ToolText[], quoting: Quoting): Omit<ToolCall, "id"> | null;
}

interface Parsed {
  readonly tools: readonly ToolDefinition[];
  readonly turns: readonly Turn[];
}

/** One text message per turn, and back. */
export interface TextFormat {
  /** Null when some call cannot be written. */
  render(turns: readonly Turn[], tools: readonly ToolText[]): readonly TextMessage[] | null;
  /**
   * What was rendered, in its canonical form: arguments in Python's spelling, contents as `assistantContent` makes them. Call ids are not
   * part of the text: they are numbered anew. Throws SyntaxError for text that `render` cannot have written.
   */
  parse(messages: readonly TextMessage[]): Parsed;
}

export const TOOLS_HEAD = `# Tools

These are the functions you can call, each described by one line of JSON:
<tools>
`;

export const TOOLS_END = "\n</tools>\n\n";

/**
 * The frame that Qwen3's own template gives to thoughts, calls and results; sentences around the tools are ours. Thoughts stay on
 * every turn, so that a prefix of a conversation is a prefix of its text.
 */
export function createTextFormat(syntax: CallSyntax, quoting: Quoting): TextFormat {
  const tail = TOOLS_END + syntax.instructions;

  const toolsSection = (tools: readonly ToolText[]): string =>
    TOOLS_HEAD + tools.map((tool) => quoting.json(toolJson(tool))).join("\n") + tail;

  const assistant = (turn: AssistantTurn, tools: readonly ToolText[]): string | null => {
    const calls: string[] = [];
    for (const call of turn.toolCalls) {
      const text = syntax.renderCall(call, tools, quoting);
      if (text === null) return null;
      calls.push(`<tool_call>\n${text}\n</tool_call>`);
    }
    const thought = turn.reasoning === null ? "" : `<think>\n${quoting.text(turn.reasoning)}\n</think>\n\n`;
    return thought + quoting.text(assistantContent(turn.content, calls.length > 0)) + calls.join("\n");
  };

  const renderTurn = (turn: Turn, tools: readonly ToolText[]): TextMessage | null => {
    switch (turn.role) {
      case "assistant": {
        const content = assistant(turn, tools);
        return content === null ? null : { role: "assistant", content, train: turn.train };
      }
      case "tools": {
        const results = turn.results.map((result) => `<tool_response>\n${quoting.text(result.content)}\n</tool_response>`);
        return { role: "user", content: results.join("\n"), train: false };
      }
      default:
        return { role: turn.role, content: quoting.text(turn.content), train: false };
    }
  };

  return {
    render(turns, tools) {
      const messages: TextMessage[] = [];
      for (const turn of turns) {
        const message = renderTurn(turn, tools);
        if (message === null) return null;
        messages.push(message);
      }
      if (tools.length === 0) return messages;
      const [first, ...rest] = messages;
      if (first?.role === "system") return [{ ...first, content: `${first.content}\n\n${toolsSection(tools)}` }, ...rest];
      return [{ role: "system", content: toolsSection(tools), train: false }, ...messages];
    },

    parse(messages) {
      const { tools, rest } = readTools(messages, tail, quoting);
      let calls = 0;
      let open: readonly string[] = [];
      const turns = rest.map((message): Turn => {
        if (message.role === "assistant") {
          const turn = readAssistant(message, quoting, (text) => {
            const call = syntax.parseCall(text, tools, quoting);
            if (call === null) throw new SyntaxError(`This is no call: ${text.slice(0, 200)}`);
            return { id: `call_${calls++}`, ...call };
          });
          open = turn.toolCalls.map((call) => call.id);
          return turn;
        }
        if (message.role === "user" && message.content.startsWith("<tool_response>\n")) {
          const results = message.content
            .slice("<tool_response>\n".length, -"\n</tool_response>".length)
            .split("\n</tool_response>\n<tool_response>\n");
          return { role: "tools", results: results.map((text, at) => ({ toolCallId: open[at] ?? "", content: quoting.plainText(text) })) };
        }
        return { role: message.role, content: quoting.plainText(message.content) };
      });
      return { tools, turns };
    },
  };
}

function readTools(
  messages: readonly TextMessage[],
  tail: string,
  quoting: Quoting,
): { tools: readonly ToolDefinition[]; rest: readonly TextMessage[] } {
  const [first, ...rest] = messages;
  // The head holds line ends and a line of JSON holds none, so its last place is the section's start.
  const head = first?.role === "system" && first.content.endsWith(tail) ? first.content.lastIndexOf(TOOLS_HEAD) : -1;
  if (first === undefined || head < 0) return { tools: [], rest: messages };
  const lines = first.content.slice(head + TOOLS_HEAD.length, -tail.length).split("\n");
  const tools = lines.map((line) => {
    const described: { readonly function: ToolDefinition } = JSON.parse(quoting.plainJson(line));
    return described.function;
  });
  if (head === 0) return { tools, rest };
  return { tools, rest: [{ ...first, content: first.content.slice(0, head - 2) }, ...rest] };
}

const THOUGHT_END = "\n</think>\n\n";
const CALL_START = "<tool_call>\n";
const CALL_END = "\n</tool_call>";

function readAssistant(message: TextMessage, quoting: Quoting, readCall: (text: string) => ToolCall): AssistantTurn {
  let text = message.content;
  let reasoning: string | null = null;
  if (text.startsWith("<think>\n")) {
    const end = text.indexOf(THOUGHT_END);
    if (end < 0) throw new SyntaxError("A thought does not end.");
    reasoning = quoting.plainText(text.slice("<think>\n".length, end));
    text = text.slice(end + THOUGHT_END.length);
  }
  const start = text.indexOf(CALL_START);
  if (start < 0) return { role: "assistant", content: quoting.plainText(text), reasoning, toolCalls: [], train: message.train };
  const calls = text.slice(start);
  if (!calls.endsWith(CALL_END)) throw new SyntaxError("A call does not end.");
  const toolCalls = calls.slice(CALL_START.length, -CALL_END.length).split(`${CALL_END}\n${CALL_START}`).map(readCall);
  return { role: "assistant", content: quoting.plainText(text.slice(0, start)), reasoning, toolCalls, train: message.train };
}
