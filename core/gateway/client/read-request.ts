import { flagAt, isObject, listAt, nameAt, numberAt, objectAt, Misread, shallowAt, textAt, wholeAt } from "./misread.ts";
import { readMessage } from "./read-message.ts";
import { readTool, readToolChoice } from "./read-tools.ts";
import type { JsonObject, MessagesRequest } from "./request.ts";

/** The API's own limit (100,000 messages a request). */
const MAX_MESSAGES = 100_000;
const MAX_TOOLS = 10_000;
const MAX_STOPS = 1_000;

/** The client's first system text since 2.1: accounting that differs in every request and would spoil every prefix. */
const BILLING_LINE = /^x-anthropic-billing-header:[^\n]*\n*/;

/**
 * Reads a Messages API request from parsed JSON. Fields that matter are checked, and a problem names the place and what is allowed;
 * fields, betas and block types that nobody knows are let pass.
 */
export function readMessagesRequest(json: unknown): { ok: true; request: MessagesRequest } | { ok: false; problem: string } {
  try {
    return { ok: true, request: readRequest(json) };
  } catch (error) {
    if (error instanceof Misread) return { ok: false, problem: error.message };
    throw error;
  }
}

function readRequest(json: unknown): MessagesRequest {
  const body = objectAt(json, "the body");
  const messages = listAt(body["messages"], "messages", MAX_MESSAGES);
  if (messages.length === 0) throw new Misread("messages", "an array of at least one message");
  return {
    model: nameAt(body["model"], "model"),
    system: readSystem(body["system"]),
    messages: messages.map((message, index) => readMessage(message, `messages[${index}]`)),
    tools: isAbsent(body["tools"]) ? [] : listAt(body["tools"], "tools", MAX_TOOLS).map((tool, index) => readTool(tool, `tools[${index}]`)),
    toolChoice: readToolChoice(body["tool_choice"]),
    maxTokens: wholeAt(body["max_tokens"], "max_tokens", 1),
    isStream: flagAt(body["stream"], "stream") ?? false,
    temperature: numberAt(body["temperature"], "temperature", 0, "a number of at least 0"),
    topP: numberAt(body["top_p"], "top_p", 0, "a number of at least 0"),
    topK: wholeAt(body["top_k"], "top_k", 0),
    stopSequences: readStops(body["stop_sequences"]),
    outputSchema: readOutputSchema(body),
  };
}

function readSystem(value: unknown): readonly string[] {
  if (isAbsent(value)) return [];
  if (typeof value !== "string" && !Array.isArray(value)) throw new Misread("system", "a string or an array of text blocks");
  const texts =
    typeof value === "string"
      ? [value.toWellFormed()]
      : listAt(value, "system", MAX_MESSAGES).flatMap((entry, index) => {
          const block = objectAt(entry, `system[${index}]`);
          return block["type"] === "text" ? [textAt(block["text"], `system[${index}].text`)] : [];
        });
  return texts.map((text) => text.replace(BILLING_LINE, "")).filter((text) => text !== "");
}

function readStops(value: unknown): readonly string[] {
  if (isAbsent(value)) return [];
  return listAt(value, "stop_sequences", MAX_STOPS)
    .map((stop, index) => textAt(stop, `stop_sequences[${index}]`))
    .filter((stop) => stop !== "");
}

/** `output_config.format`, and `output_format` as the beta called it. Formats of other types ask for nothing that is known here. */
function readOutputSchema(body: JsonObject): JsonObject | null {
  const config = body["output_config"];
  const [format, path] =
    isObject(config) && isObject(config["format"]) ? [config["format"], "output_config.format"] : [body["output_format"], "output_format"];
  if (!isObject(format) || format["type"] !== "json_schema") return null;
  return shallowAt(format["schema"], `${path}.schema`);
}

const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;
