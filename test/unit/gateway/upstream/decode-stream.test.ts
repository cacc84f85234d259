import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatChunk } from "../../../../core/gateway/upstream/chat-chunk.ts";
import { decodeReplyStream } from "../../../../core/gateway/upstream/decode-stream.ts";
import { StreamBroken } from "../../../../core/gateway/upstream/stream-broken.ts";
import { UpstreamError } from "../../../../core/gateway/upstream/upstream.ts";

const encoder = new TextEncoder();

const delta = (fields: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta: fields, finish_reason: finish }] })}\n\n`;
const DONE = "data: [DONE]\n\n";
const USAGE = { prompt_tokens: 12, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } };
const usage = `data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\n`;

async function* pieces(parts: readonly (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield typeof part === "string" ? encoder.encode(part) : part;
  }
}

interface Decoded {
  readonly chunks: readonly ChatChunk[];
  readonly fault: { readonly message: string; readonly type: string; readonly status: number } | null;
}

async function decode(...parts: readonly (string | Uint8Array | Error)[]): Promise<Decoded> {
  const chunks: ChatChunk[] = [];
  try {
    for await (const batch of decodeReplyStream(pieces(parts))) chunks.push(...batch);
  } catch (error) {
    if (!(error instanceof StreamBroken)) throw error;
    const { message, type, status } = error.error;
    return { chunks, fault: { message, type, status } };
  }
  return { chunks, fault: null };
}

describe("decodeReplyStream", () => {
  it("reads what vLLM streams", async () => {
    const { chunks, fault } = await decode(
      delta({ role: "assistant", content: "" }),
      delta({ reasoning: "hm" }),
      delta({ reasoning_content: "hm" }),
      delta({ content: "Hi" }),
      delta({ content: null, tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "bash", arguments: "" } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
      delta({}, "tool_calls"),
      usage,
      DONE,
    );
    expect(fault).toBeNull();
    expect(chunks).toEqual([
      { reasoning: { place: "reasoning", text: "hm" } },
      { reasoning: { place: "reasoning_content", text: "hm" } },
      { content: "Hi" },
      { calls: [{ index: 0, id: "a", name: "bash" }] },
      { calls: [{ index: 0, arguments: '{"a":' }] },
      { finish: { reason: "tool_calls", stop: null } },
      { usage: { promptTokens: 12, cachedTokens: 4, completionTokens: 3 } },
    ]);
  });

  it("gives one batch for each piece of bytes", async () => {
    const batches: number[] = [];
    const parts = [delta({ content: "a" }) + delta({ content: "b" }), ": comment\n\n", delta({ content: "c" }, "stop"), DONE];
    for await (const batch of decodeReplyStream(pieces(parts))) batches.push(batch.length);
    expect(batches).toEqual([2, 1]);
  });

  it("reads the stop text, and no stop token", async () => {
    const choice = (reason: unknown) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop", stop_reason: reason }] })}\n\n`;
    expect((await decode(choice("END"), DONE)).chunks).toEqual([{ finish: { reason: "stop", stop: "END" } }]);
    expect((await decode(choice(151643), DONE)).chunks).toEqual([{ finish: { reason: "stop", stop: null } }]);
  });

  it("reads only the first choice", async () => {
    const two = JSON.stringify({
      choices: [
        { index: 1, delta: { content: "b" } },
        { index: 0, delta: { content: "a" } },
      ],
    });
    expect((await decode(`data: ${two}\n\n`, DONE)).chunks).toEqual([{ content: "a" }]);
  });

  it("tells calls without an index apart by their ids, and takes arguments that are an object", async () => {
    const call = (fields: object) => delta({ tool_calls: [fields] });
    const { chunks } = await decode(
      call({ id: "a", function: { name: "x" } }),
      call({ function: { arguments: "{" } }),
      call({ id: "b", function: { name: "y", arguments: { k: 1 } } }),
      call({ id: "a", function: { arguments: "}" } }),
      delta({}, "tool_calls"),
      DONE,
    );
    expect(chunks.flatMap((chunk) => chunk.calls ?? [])).toEqual([
      { index: 0, id: "a", name: "x" },
      { index: 0, arguments: "{" },
      { index: 1, id: "b", name: "y", arguments: '{"k":1}' },
      { index: 0, id: "a", arguments: "}" },
    ]);
  });

  it.each([
    ["an end after the finish without [DONE]", [delta({ content: "a" }, "stop")]],
    ["a reset after the finish", [delta({ content: "a" }, "stop"), new UpstreamError("reset", "x")]],
    ["[DONE] without a finish", [delta({ content: "a" }), DONE]],
    ["a last event without its blank line", [delta({ content: "a" }, "stop").trimEnd()]],
    ["bytes after [DONE]", [delta({ content: "a" }, "stop"), DONE, "data: no json\n\n"]],
  ])("is content with %s", async (_, parts) => {
    const { chunks, fault } = await decode(...parts);
    expect(fault).toBeNull();
    expect(chunks[0]).toMatchObject({ content: "a" });
  });

  it.each([
    ["nothing", [], "The model server ended its answer early.", 502, "api_error"],
    ["an end in the midst", [delta({ content: "a" })], "The model server ended its answer early.", 502, "api_error"],
    ["an end in an event", [delta({ content: "a" }), 'data: {"choi'], "The model server ended its answer early.", 502, "api_error"],
    ["only [DONE]", [DONE], "The model server sent an empty answer.", 502, "api_error"],
    ["no JSON", ["data: <html>\n\n"], "The model server sent an event that is no JSON.", 502, "api_error"],
    ["no object", ["data: 3\n\n"], "The model server sent an event that is no chat completion.", 502, "api_error"],
    ["an abort", [delta({}, "abort"), DONE], "The model server gave up its answer before it was complete.", 502, "api_error"],
    [
      "a reset",
      [delta({ content: "a" }), new UpstreamError("reset", "read ECONNRESET http://user:secret@host")],
      "The model server closed the connection before its answer was complete.",
      502,
      "api_error",
    ],
    ["silence", [new UpstreamError("timeout", "x")], "The model server did not answer in time.", 504, "timeout_error"],
    [
      "vLLM's error event",
      ['data: {"error": {"message": "EngineCore died", "type": "InternalServerError", "param": null, "code": 500}}\n\n', DONE],
      "The model server answered 500: EngineCore died",
      500,
      "api_error",
    ],
    [
      "the older error event",
      ['data: {"object": "error", "message": "too many", "type": "x", "param": null, "code": 503}\n\n'],
      "The model server answered 503: too many",
      529,
      "overloaded_error",
    ],
    [
      "an overflow",
      [
        'data: {"error": {"message": "The decoder prompt (length 9000) is longer than the maximum model length of 8192.", "code": 400}}\n\n',
      ],
      "prompt is too long: 9000 tokens > 8192 maximum",
      400,
      "invalid_request_error",
    ],
  ])("is broken by %s", async (_, parts, message, status, type) => {
    expect((await decode(...parts)).fault).toEqual({ message, status, type });
  });

  it("gives what came before a fault", async () => {
    expect((await decode(`${delta({ content: "a" })}data: x\n\n`)).chunks).toEqual([{ content: "a" }]);
  });

  it("refuses an event without an end", async () => {
    const part = encoder.encode("data: " + "x".repeat(1024 * 1024));
    const { fault } = await decode(...Array.from({ length: 20 }, () => part));
    expect(fault?.message).toBe("The model server sent an event without an end.");
  });

  it("lets go of the bytes when its reader leaves", async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield encoder.encode(delta({ content: "a" }));
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of decodeReplyStream(endless())) break;
    expect(isClosed).toBe(true);
  });

  it("reads on behind [DONE], but waits for nobody, and not without end", async () => {
    let read = 0;
    const ended = Promise.withResolvers<void>();
    async function* chatty(): AsyncGenerator<Uint8Array> {
      try {
        yield encoder.encode(delta({ content: "a" }, "stop") + DONE);
        for (;;) {
          read += 1000;
          yield new Uint8Array(1000);
        }
      } finally {
        ended.resolve();
      }
    }
    for await (const _ of decodeReplyStream(chatty()));
    await ended.promise;
    expect(read).toBe(5000);
    const hanging: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => {
        const parts = [delta({ content: "a" }, "stop") + DONE];
        return {
          next: async () => {
            const part = parts.shift();
            return part === undefined ? new Promise<never>(() => {}) : { done: false, value: encoder.encode(part) };
          },
        };
      },
    };
    for await (const batch of decodeReplyStream(hanging)) expect(batch).toHaveLength(1);
  });

  const event = fc.oneof(
    fc.string({ unit: "grapheme" }).map((content) => delta({ content })),
    fc.string({ unit: "grapheme" }).map((text) => delta({ reasoning: text })),
    fc.constantFrom(
      ": ping\n\n",
      "\ufeff",
      usage,
      'data:{"choices":[{"delta":{"content":"no blank"}}]}\n\n',
      'event: message\r\ndata: {"choices":\r\ndata: [{"delta":{"content":"é😀"}}]}\r\n\r\n',
      'data: {"choices":[{"delta":{"content":"cr"}}]}\r\r',
      'data: {"error":{"message":"no","code":500}}\n\n',
      "data: broken\n\n",
      delta({}, "stop"),
      DONE,
    ),
  );

  it("reads the same however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), async (events, cuts) => {
        const bytes = encoder.encode(events.join(""));
        const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((one, other) => one - other);
        const parts = [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length));
        const single = Array.from({ length: bytes.length }, (_, index) => bytes.subarray(index, index + 1));
        const whole = await decode(bytes);
        expect(await decode(...parts)).toEqual(whole);
        expect(await decode(...single)).toEqual(whole);
      }),
    );
  });
});
