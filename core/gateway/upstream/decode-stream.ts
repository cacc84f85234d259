import { createParser } from "eventsource-parser";
import type { ChatChunk } from "./chat-chunk.ts";
import { createChunkReader } from "./read-chunk.ts";
import type { RefusedModel } from "./refusal.ts";
import { failureOf } from "./refusal.ts";
import { brokenAnswer, StreamBroken } from "./stream-broken.ts";
import { UpstreamError } from "./upstream.ts";

/** Characters of one event; a whole answer in one event is far below it. */
const MAX_EVENT = 16 * 1024 * 1024;

/**
 * Reads a streamed chat completion: one batch for each received piece of bytes that completes an event, however the bytes are cut.
 * Throws StreamBroken, after everything that came before, when the stream is cut, reports an error or cannot be read. An answer whose
 * end was reported is complete, whatever the connection does then.
 */
export async function* decodeReplyStream(
  body: AsyncIterable<Uint8Array>,
  model: RefusedModel | null = null,
): AsyncGenerator<readonly ChatChunk[]> {
  const reader = createChunkReader(model);
  const decoder = new TextDecoder();
  let batch: ChatChunk[] = [];
  let hasChoice = false;
  let isFinished = false;
  let isDone = false;
  let isCut = false;

  const onData = (data: string): void => {
    if (isDone || data === "") return;
    if (data.startsWith("[DONE]")) {
      isDone = true;
      return;
    }
    const chunk = reader.read(parse(data, isCut));
    if (chunk === null) return;
    hasChoice ||= chunk.content !== undefined || chunk.calls !== undefined || chunk.reasoning !== undefined;
    isFinished ||= chunk.finish !== undefined;
    batch.push(chunk);
  };
  const parser = createParser({
    maxBufferSize: MAX_EVENT,
    onEvent: (event) => onData(event.data),
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") throw brokenAnswer("The model server sent an event without an end.");
    },
  });
  /** Feeds, and gives what was complete before a fault, so that faults come at the same place however the bytes are cut. */
  const feed = (text: string): { readonly chunks: readonly ChatChunk[]; readonly fault: unknown } => {
    let fault: unknown = null;
    try {
      parser.feed(text);
    } catch (error) {
      fault = error;
    }
    const chunks = batch;
    batch = [];
    return { chunks, fault };
  };

  const source = body[Symbol.asyncIterator]();
  let isLeft = false;
  try {
    for (;;) {
      const piece = await source.next();
      if (piece.done === true) break;
      const { chunks, fault } = feed(decoder.decode(piece.value, { stream: true }));
      if (chunks.length > 0) yield chunks;
      if (fault !== null) throw fault;
      if (isDone) break;
    }
    // What follows [DONE] is the connection's end; reading on to it lets the connection be used again, and nobody waits for it.
    if (isDone) void readOn(source);
    isLeft = true;
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    if (!isFinished) throw new StreamBroken(failureOf(error), { cause: error });
  } finally {
    if (!isLeft) await source.return?.();
  }
  if (!isDone) {
    isCut = true;
    const { chunks, fault } = feed(`${decoder.decode()}\n\n`);
    if (chunks.length > 0) yield chunks;
    if (fault !== null && !isFinished) throw fault;
  }
  if (isFinished || (isDone && hasChoice)) return;
  throw isDone ? brokenAnswer("The model server sent an empty answer.") : endedEarly();
}

/** Bytes after [DONE] that are worth a connection. */
const MAX_REST = 4096;

async function readOn(source: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    let size = 0;
    while (size <= MAX_REST) {
      const piece = await source.next();
      if (piece.done === true) return;
      size += piece.value.byteLength;
    }
    await source.return?.();
  } catch {
    // The answer is complete; how its connection ends is nobody's concern.
  }
}

function parse(data: string, isCut: boolean): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw isCut ? endedEarly() : brokenAnswer("The model server sent an event that is no JSON.", cause);
  }
}

const endedEarly = () => brokenAnswer("The model server ended its answer early.");
