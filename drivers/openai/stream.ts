import { createParser } from "eventsource-parser";
import type { ToolCall } from "../../core/agent/messages.ts";
import type { Usage } from "../../core/agent/teacher.ts";
import { TeacherError } from "../../core/errors/index.ts";
import type { RawCompletion } from "./completion.ts";
import { argumentsOf, badReply, contentOf, MAX_TOOL_CALLS } from "./completion.ts";
import { fieldsOf, listOf, pieceOf, textOf } from "./fields.ts";
import { errorOfReply } from "./http-error.ts";
import { tooLong } from "./line.ts";
import { usageOf } from "./usage.ts";

interface CallInProgress {
  id: string;
  name: string;
  readonly pieces: string[];
}

export interface StreamLimits {
  readonly maxReplyBytes: number;
  readonly key: string | undefined;
}

/**
 * Puts a streamed completion together. Throws TeacherError: `teacher_bad_reply` for what is no completion,
 * `teacher_connection` for a stream that ends before the reply does, and what an error event says.
 */
export async function readStream(body: ReadableStream<Uint8Array>, url: string, limits: StreamLimits): Promise<RawCompletion> {
  const content: string[] = [];
  const reasoningContent: string[] = [];
  const reasoning: string[] = [];
  const calls = new Map<string, CallInProgress>();
  let lastCall = "";
  let finishReason: string | null = null;
  let usage: Usage | null = null;
  let model = "";
  let fingerprint = "";
  let size = 0;
  let hasChoice = false;
  let isDone = false;

  const add = (pieces: string[], text: string): void => {
    if (text === "") return;
    size += text.length;
    if (size > limits.maxReplyBytes) throw tooLong(url, limits.maxReplyBytes);
    pieces.push(text);
  };

  const onData = (data: string): void => {
    if (data === "[DONE]") isDone = true;
    if (isDone) return;
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch (cause) {
      throw badReply(url, "an event that is no JSON", cause);
    }
    const event = fieldsOf(json);
    if (event["error"] !== undefined && event["error"] !== null) throw errorEvent(data, event["error"], url, limits.key);
    model ||= textOf(event["model"]);
    fingerprint ||= textOf(event["system_fingerprint"]);
    usage = usageOf(event["usage"]) ?? usage;
    const [first] = listOf(event["choices"]);
    if (first === undefined) return;
    hasChoice = true;
    const choice = fieldsOf(first);
    // A whole message in place of a delta: servers that answer `stream: true` with one event.
    const delta = fieldsOf(choice["delta"] ?? choice["message"]);
    add(content, contentOf(delta["content"]));
    add(reasoningContent, pieceOf(delta["reasoning_content"]));
    add(reasoning, pieceOf(delta["reasoning"]));
    for (const piece of listOf(delta["tool_calls"])) onCall(fieldsOf(piece));
    if (typeof choice["finish_reason"] === "string") finishReason = choice["finish_reason"];
  };

  const onCall = (piece: Readonly<Record<string, unknown>>): void => {
    const called = fieldsOf(piece["function"]);
    const id = textOf(piece["id"]);
    // Servers that leave the index out start a call with its id and go on without one.
    const place = typeof piece["index"] === "number" ? `#${piece["index"]}` : id || lastCall;
    let call = calls.get(place);
    if (call === undefined) {
      if (calls.size >= MAX_TOOL_CALLS) throw badReply(url, `more than ${MAX_TOOL_CALLS} tool calls`);
      call = { id: "", name: "", pieces: [] };
      calls.set(place, call);
    }
    lastCall = place;
    call.id ||= id;
    call.name ||= textOf(called["name"]);
    add(call.pieces, argumentsOf(called["arguments"]));
  };

  const parser = createParser({
    maxBufferSize: limits.maxReplyBytes,
    onEvent: (event) => onData(event.data),
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") throw tooLong(url, limits.maxReplyBytes);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
  parser.reset({ consume: true });

  if (!hasChoice && isDone) throw badReply(url, "a stream without a choice");
  if (!isDone && finishReason === null) {
    throw new TeacherError("teacher_connection", `The teacher at ${url} closed the connection in the middle of a reply.`);
  }
  const toolCalls: ToolCall[] = [...calls.values()].map(({ id, name, pieces }) => ({ id, name, arguments: whole(pieces) }));
  return {
    content: whole(content),
    reasoningContent: whole(reasoningContent),
    reasoning: whole(reasoning),
    toolCalls,
    finishReason,
    usage,
    model,
    fingerprint,
  };
}

const whole = (pieces: readonly string[]): string => pieces.join("").toWellFormed();

/** vLLM and others report what goes wrong after the headers as an event with the status in `error.code`. */
function errorEvent(data: string, error: unknown, url: string, key: string | undefined): TeacherError {
  const code = Number(fieldsOf(error)["code"] ?? fieldsOf(error)["status"]);
  const status = code >= 400 && code <= 599 ? code : 500;
  return errorOfReply({ status, headers: new Headers(), body: data.slice(0, 64 * 1024) }, url, key);
}
