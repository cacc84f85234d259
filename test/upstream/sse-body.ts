import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Clock } from "../../core/errors/clock.ts";
import type { StreamChunk } from "./completion.ts";
import { errorJson } from "./error-body.ts";
import type { Recording } from "./received.ts";
import type { Break, BreakPlace, Reply } from "./reply.ts";

export interface SseBody {
  readonly response: ServerResponse;
  readonly record: Recording;
  /** Usage chunk included. */
  readonly chunks: readonly StreamChunk[];
  readonly reply: Reply;
  readonly clock: Clock;
  /** Aborts when the connection is gone or the server closes. */
  readonly signal: AbortSignal;
}

/** Long enough for what was written to arrive before the connection is reset: a reset takes what lies unread with it. */
const BEFORE_RESET_MS = 30;

const BETWEEN_WRITES_OF_BYTES = 64;

/** Writes the stream, well-behaved or as the script breaks it. */
export async function writeSseBody(body: SseBody): Promise<void> {
  const { response, reply, clock, signal, record } = body;
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.flushHeaders();
  if (reply.delayMs !== undefined) await clock.sleep(reply.delayMs, signal);
  await reply.firstToken;

  const chunks = body.chunks.filter((chunk) => chunk.kind !== "finish" || reply.omits?.includes("finish") !== true);
  const breakAt = reply.breaks === undefined ? -1 : breakIndex(chunks, reply.breaks.at);
  const events = chunks.map((chunk) => `data: ${chunk.json}\n\n`);
  if (reply.omits?.includes("done") !== true) events.push("data: [DONE]\n\n");

  const before = breakAt < 0 ? events : events.slice(0, breakAt);
  await writeEvents(body, before);
  if (breakAt >= 0 && reply.breaks !== undefined) {
    const goesOn = await breakOff(body, reply.breaks);
    if (!goesOn) {
      if (!signal.aborted) record.outcome = "broken";
      return;
    }
    await writeEvents(body, events.slice(breakAt));
  }
  response.end();
}

async function writeEvents(body: SseBody, events: readonly string[]): Promise<void> {
  const { reply, clock, signal, record } = body;
  if (reply.chunking === "bytes") {
    const bytes = Buffer.from(events.join(""));
    for (let at = 0; at < bytes.length; at++) {
      await write(body, bytes.subarray(at, at + 1));
      if (at % BETWEEN_WRITES_OF_BYTES === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    record.chunksSent += events.length;
    return;
  }
  if (reply.chunking === "whole") {
    await write(body, events.join(""));
    record.chunksSent += events.length;
    return;
  }
  const startMs = clock.now();
  for (const [index, event] of events.entries()) {
    if (reply.tokensPerSecond !== undefined) {
      const waitMs = startMs + (index * 1000) / reply.tokensPerSecond - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    }
    await write(body, event);
    record.chunksSent += 1;
  }
}

async function write({ response, signal }: SseBody, data: string | Uint8Array): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(data)) await once(response, "drain", { signal });
}

/** In front of which chunk the stream breaks. */
function breakIndex(chunks: readonly StreamChunk[], at: BreakPlace): number {
  if (at === "start") return 0;
  if (at === "end")
    return Math.max(
      1,
      chunks.findIndex(({ kind }) => kind === "finish"),
    );
  const places = chunks.flatMap(({ kind }, index) => (kind === at ? [index] : []));
  const middle = places[Math.floor(places.length / 2)];
  if (middle === undefined) throw new Error(`The scripted reply has no ${at} to break in.`);
  return middle;
}

/** True where the stream goes on behind the break. */
async function breakOff(body: SseBody, { how }: Break): Promise<boolean> {
  const { response, clock, signal, chunks } = body;
  const { socket } = response;
  switch (how) {
    case "reset":
      await clock.sleep(BEFORE_RESET_MS, signal);
      socket?.resetAndDestroy();
      return false;
    case "cut":
      await clock.sleep(BEFORE_RESET_MS, signal);
      socket?.destroy();
      return false;
    case "ends":
      response.end();
      return false;
    case "silence":
      await once(signal, "abort");
      return false;
    case "error-chunk":
    case "older-error-chunk": {
      const shape = how === "error-chunk" ? "nested" : "flat";
      const message = "EngineCore encountered an issue. See stack trace (above) for the root cause.";
      const error = errorJson({ status: 500, type: "InternalServerError", message, param: null }, shape);
      response.end(`data: ${error}\n\ndata: [DONE]\n\n`);
      return false;
    }
    case "garbage":
      await write(body, Uint8Array.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0a, 0x0a]));
      return true;
    case "not-json":
      await write(body, "data: {oops\n\n");
      return true;
    case "endless": {
      const text = chunks.find(({ kind }) => kind === "text");
      if (text === undefined) throw new Error("The scripted reply has no text to repeat.");
      for (;;) {
        await write(body, `data: ${text.json}\n\n`);
        body.record.chunksSent += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    default:
      return how satisfies never;
  }
}
