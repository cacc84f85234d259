/** A stream of the Messages API, put together again. */
export interface CheckedStream {
  readonly content: readonly CheckedBlock[];
  readonly stopReason: string | null;
  readonly stopSequence: string | null;
  readonly usage: Readonly<Record<string, number>> | null;
  /** Set where the stream ended with an error; the last block may be incomplete then. */
  readonly error: { readonly type: string; readonly message: string } | null;
  readonly id: string | null;
  readonly model: string | null;
  readonly pings: number;
  /** Names of the events in their order. */
  readonly events: readonly string[];
}

export type CheckedBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string | null }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly json: string };

interface OpenBlock {
  readonly block: Record<string, unknown>;
  readonly pieces: string[];
  signature: string | null;
}

const STOP_REASONS = new Set(["end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal"]);
const ERROR_TYPES = new Set([
  ...["invalid_request_error", "authentication_error", "permission_error", "not_found_error", "request_too_large"],
  ...["rate_limit_error", "api_error", "timeout_error", "overloaded_error"],
]);
const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ["text_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  tool_use: ["input_json_delta"],
};

/** Checks a whole stream against the grammar of the Messages API and throws at the first violation. */
export function checkStream(sse: string): CheckedStream {
  const names: string[] = [];
  const content: CheckedBlock[] = [];
  let message: Record<string, unknown> | null = null;
  let open: OpenBlock | null = null;
  let delta: Record<string, unknown> | null = null;
  let usage: Record<string, number> | null = null;
  let error: CheckedStream["error"] = null;
  let isOver = false;
  let pings = 0;

  const handlers: Readonly<Record<string, (data: Record<string, unknown>) => void>> = {
    message_start(data) {
      must(message === null, "message_start came twice");
      message = checkedMessage(data["message"]);
    },
    ping() {
      must(message !== null, "ping came before message_start");
      pings++;
    },
    content_block_start(data) {
      must(message !== null && delta === null, "a block started outside of the message");
      must(open === null, "a block started while another was open");
      must(data["index"] === content.length, `block ${content.length} has the index ${String(data["index"])}`);
      open = { block: checkedBlock(data["content_block"]), pieces: [], signature: null };
    },
    content_block_delta(data) {
      must(open !== null && data["index"] === content.length, "a delta came without its open block");
      addDelta(open, fields(data["delta"]));
    },
    content_block_stop(data) {
      must(open !== null && data["index"] === content.length, "a block stopped that was not open");
      content.push(closed(open, true));
      open = null;
    },
    message_delta(data) {
      must(message !== null && delta === null && open === null, "message_delta came out of its place");
      delta = fields(data["delta"]);
      must(STOP_REASONS.has(String(delta["stop_reason"])), `stop_reason is ${String(delta["stop_reason"])}`);
      must(delta["stop_sequence"] === null || typeof delta["stop_sequence"] === "string", "stop_sequence is neither text nor null");
      usage = checkedUsage(data["usage"], ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]);
    },
    message_stop() {
      must(delta !== null, "message_stop came before message_delta");
      isOver = true;
    },
    error(data) {
      const said = fields(data["error"]);
      must(ERROR_TYPES.has(String(said["type"])), `an error of the type ${String(said["type"])}`);
      must(typeof said["message"] === "string" && said["message"] !== "", "an error without a message");
      error = { type: String(said["type"]), message: said["message"] };
      if (open !== null) content.push(closed(open, false));
      isOver = true;
    },
  };

  for (const { name, data } of eventsOf(sse)) {
    must(!isOver, `${name} came after the end`);
    must(data["type"] === name, `the event ${name} has the type ${String(data["type"])}`);
    const handle = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    must(handle !== undefined, `unknown event ${name}`);
    names.push(name);
    handle(data);
  }
  must(isOver, "the stream has no end");
  const start: Record<string, unknown> | null = message;
  const last: Record<string, unknown> | null = delta;
  if (error === null) checkEnd(content, last);
  return {
    content,
    stopReason: stringOrNull(last?.["stop_reason"]),
    stopSequence: stringOrNull(last?.["stop_sequence"]),
    usage,
    error,
    id: stringOrNull(start?.["id"]),
    model: stringOrNull(start?.["model"]),
    pings,
    events: names,
  };
}

function eventsOf(sse: string): readonly { readonly name: string; readonly data: Record<string, unknown> }[] {
  must(sse === "" || sse.endsWith("\n\n"), "the stream ends in the midst of an event");
  return sse
    .split("\n\n")
    .slice(0, -1)
    .map((event) => {
      const lines = /^event: (\w+)\ndata: ([^\n]*)$/.exec(event);
      must(lines !== null, `no event: ${event.slice(0, 200)}`);
      return { name: lines[1]!, data: fields(JSON.parse(lines[2]!)) };
    });
}

function checkedMessage(value: unknown): Record<string, unknown> {
  const message = fields(value);
  must(message["type"] === "message" && message["role"] === "assistant", "message_start holds no message");
  must(typeof message["id"] === "string" && message["id"] !== "", "the message has no id");
  must(typeof message["model"] === "string", "the message has no model");
  must(Array.isArray(message["content"]) && message["content"].length === 0, "the message does not start empty");
  must(message["stop_reason"] === null && message["stop_sequence"] === null, "the message starts with its end");
  checkedUsage(message["usage"], ["input_tokens", "output_tokens"]);
  return message;
}

function checkedUsage(value: unknown, keys: readonly string[]): Record<string, number> {
  const usage = fields(value);
  for (const key of keys) must(Number.isSafeInteger(usage[key]) && Number(usage[key]) >= 0, `usage.${key} is ${String(usage[key])}`);
  return usage as Record<string, number>;
}

function checkedBlock(value: unknown): Record<string, unknown> {
  const block = fields(value);
  const type = String(block["type"]);
  must(Object.hasOwn(DELTAS, type), `a block of the type ${type}`);
  if (type === "text") must(block["text"] === "", "a text block does not start empty");
  if (type === "thinking") must(block["thinking"] === "" && block["signature"] === "", "a thinking block does not start empty");
  if (type === "tool_use") {
    must(typeof block["id"] === "string" && block["id"] !== "", "a call without id");
    must(typeof block["name"] === "string" && block["name"] !== "", "a call without name");
    must(JSON.stringify(block["input"]) === "{}", "a call does not start with the input {}");
  }
  return block;
}

function addDelta(open: OpenBlock, delta: Record<string, unknown>): void {
  const type = String(delta["type"]);
  must(DELTAS[String(open.block["type"])]!.includes(type), `${type} in a block of the type ${String(open.block["type"])}`);
  must(open.signature === null, "a delta came after the signature");
  const text = delta[{ text_delta: "text", thinking_delta: "thinking", signature_delta: "signature" }[type] ?? "partial_json"];
  must(typeof text === "string", `${type} without text`);
  if (type === "signature_delta") open.signature = text;
  else open.pieces.push(text);
}

function closed({ block, pieces, signature }: OpenBlock, isWhole: boolean): CheckedBlock {
  const text = pieces.join("");
  if (block["type"] === "text") {
    must(!isWhole || text.trim() !== "", "a text block with nothing visible");
    return { type: "text", text };
  }
  if (block["type"] === "thinking") return { type: "thinking", thinking: text, signature };
  return { type: "tool_use", id: String(block["id"]), name: String(block["name"]), json: text };
}

function checkEnd(content: readonly CheckedBlock[], delta: Record<string, unknown> | null): void {
  const calls = content.filter((block) => block.type === "tool_use");
  must(new Set(calls.map((call) => call.id)).size === calls.length, "two calls have the same id");
  if (delta?.["stop_reason"] === "tool_use") must(calls.length > 0, "stop_reason is tool_use, and there is no call");
  for (const [index, call] of calls.entries()) {
    const mayBeCut = delta?.["stop_reason"] === "max_tokens" && index === calls.length - 1;
    if (!mayBeCut) must(call.json === "" || isObject(JSON.parse(call.json)), `the input of ${call.name} is no object`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const stringOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

function fields(value: unknown): Record<string, unknown> {
  must(isObject(value), "an object was expected");
  return value;
}

function must(isRight: boolean, violation: string): asserts isRight {
  if (!isRight) throw new Error(`Not the grammar of the Messages API: ${violation}.`);
}
