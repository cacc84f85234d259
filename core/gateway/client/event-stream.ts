import type { ClientError } from "./client-error.ts";
import { errorJson } from "./client-error.ts";
import type { ReplyEnd, ReplySink, ReplyUsage } from "./reply.ts";

/** An answer as server-sent events. Everything after `end` or `fail` is ignored: a late ping must not break a finished stream. */
export interface EventStream extends ReplySink {
  /** Writes message_start. Idempotent, and implied by the first write of content. */
  start(): void;
  /** Allowed anywhere; before the start it starts the message. */
  ping(): void;
  end(end: ReplyEnd, usage: ReplyUsage): void;
  /**
   * Ends the stream with an error. The open block stays open: clients act on a block as soon as it is closed, and a call cut in its
   * midst must never be acted on. The Messages API does the same.
   */
  fail(error: ClientError): void;
}

type OpenBlock = "text" | "thinking" | "tool_use" | null;

const DELTA = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":';
const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const NO_USAGE = '"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}';

/**
 * Writes the events of the Messages API, each with one call of `write`. Blocks are numbered and closed here. Text that is only white
 * space opens no block: it waits for something visible, and is dropped when another block comes first.
 */
export function createEventStream(message: { readonly id: string; readonly model: string }, write: (sse: string) => void): EventStream {
  let isStarted = false;
  let isOver = false;
  let open: OpenBlock = null;
  let index = -1;
  let blank = "";

  const start = (): void => {
    if (isStarted || isOver) return;
    isStarted = true;
    const model = JSON.stringify(message.model);
    write(
      `event: message_start\ndata: {"type":"message_start","message":{"id":${JSON.stringify(message.id)},"type":"message","role":"assistant","model":${model},"content":[],"stop_reason":null,"stop_sequence":null,${NO_USAGE}}}\n\n`,
    );
  };

  const close = (): void => {
    blank = "";
    if (open === null) return;
    open = null;
    write(`event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`);
  };

  const openBlock = (kind: Exclude<OpenBlock, null>, block: string): void => {
    start();
    close();
    open = kind;
    index += 1;
    write(`event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":${block}}\n\n`);
  };

  const openThinking = (): void => openBlock("thinking", '{"type":"thinking","thinking":"","signature":""}');

  return {
    start,
    ping() {
      if (isOver) return;
      start();
      write(PING);
    },
    text(delta) {
      if (delta === "" || isOver) return;
      if (open !== "text") {
        const held = blank + delta;
        if (delta.trim() === "") {
          blank = held;
          return;
        }
        openBlock("text", '{"type":"text","text":""}');
        delta = held;
      }
      write(`${DELTA}${index},"delta":{"type":"text_delta","text":${JSON.stringify(delta)}}}\n\n`);
    },
    thinking(delta) {
      if (delta === "" || isOver) return;
      if (open !== "thinking") openThinking();
      write(`${DELTA}${index},"delta":{"type":"thinking_delta","thinking":${JSON.stringify(delta)}}}\n\n`);
    },
    signature(signature) {
      if (isOver) return;
      if (open !== "thinking") openThinking();
      write(`${DELTA}${index},"delta":{"type":"signature_delta","signature":${JSON.stringify(signature)}}}\n\n`);
      close();
    },
    toolUse(id, name) {
      if (isOver) return;
      openBlock("tool_use", `{"type":"tool_use","id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"input":{}}`);
    },
    toolInput(partialJson) {
      if (partialJson === "" || isOver) return;
      if (open !== "tool_use") throw new Error("The input of a call was written while no tool_use block was open.");
      write(`${DELTA}${index},"delta":{"type":"input_json_delta","partial_json":${JSON.stringify(partialJson)}}}\n\n`);
    },
    end(end, usage) {
      if (isOver) return;
      start();
      close();
      isOver = true;
      const stop = `"stop_reason":"${end.stopReason}","stop_sequence":${JSON.stringify(end.stopSequence)}`;
      write(
        `event: message_delta\ndata: {"type":"message_delta","delta":{${stop}},"usage":${JSON.stringify(usageJson(usage))}}\n\n${STOP}`,
      );
    },
    fail(error) {
      if (isOver) return;
      isOver = true;
      write(`event: error\ndata: {"type":"error","error":${errorJson(error)}}\n\n`);
    },
  };
}

export const usageJson = (usage: ReplyUsage) => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage.cacheReadTokens,
  output_tokens: usage.outputTokens,
});
