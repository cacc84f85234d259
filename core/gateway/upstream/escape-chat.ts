import { pythonJson } from "../../agent/python-json.ts";
import { escapeJson, escapeText } from "../../agent/reserved-literals.ts";

/**
 * What a client of the chat completions API sends, with its data escaped as the model was trained (docs/adr/0007): the texts of messages,
 * the arguments of calls, the tools. A thought that leads the content of a reply keeps its frame. Whatever has another shape than the API
 * gives it stays as it is: the server will say so.
 */
export function escapeMessages(messages: unknown): unknown {
  return Array.isArray(messages) ? messages.map((message: unknown) => (isFields(message) ? escapeMessage(message) : message)) : messages;
}

/** JSON text: strings of every name and depth are escaped. */
export const escapeTools = (tools: unknown): string => escapeJson(JSON.stringify(tools));

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function escapeMessage(message: Fields): Fields {
  const { content, tool_calls: calls } = message;
  const text = message["role"] === "assistant" ? replyText : escapeText;
  const escaped: Record<string, unknown> = { ...message };
  if (typeof content === "string") escaped["content"] = text(content);
  else if (Array.isArray(content)) escaped["content"] = content.map((part: unknown) => (isFields(part) ? escapePart(part, text) : part));
  for (const name of ["reasoning", "reasoning_content"]) {
    const thought = message[name];
    if (typeof thought === "string") escaped[name] = escapeText(thought);
  }
  if (Array.isArray(calls)) escaped["tool_calls"] = calls.map((call: unknown) => (isFields(call) ? escapeCall(call) : call));
  return escaped;
}

function escapePart(part: Fields, text: (plain: string) => string): Fields {
  return typeof part["text"] === "string" ? { ...part, text: text(part["text"]) } : part;
}

function escapeCall(call: Fields): Fields {
  const { function: called } = call;
  if (!isFields(called)) return call;
  const { name, arguments: json } = called;
  const escaped: Record<string, unknown> = { ...called };
  if (typeof name === "string") escaped["name"] = escapeText(name);
  // In Python's spelling: `\u003c` is a `<` for the server, too.
  if (typeof json === "string" && MAY_HOLD_TAG.test(json)) escaped["arguments"] = escapeJson(pythonJson(json) ?? json);
  return { ...call, function: escaped };
}

const MAY_HOLD_TAG = /<|\\u003c/i;

/** The first closing tag ends a leading thought, as it does for whoever reads replies. */
const LEADING_THOUGHT = /^(\s*<think>)([^]*?)(<\/think>)([^]*)$/;

function replyText(content: string): string {
  const [, open = "", thought = "", close = "", rest = content] = LEADING_THOUGHT.exec(content) ?? [];
  return open + escapeText(thought) + close + escapeText(rest);
}
