import Anthropic from "@anthropic-ai/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClientError } from "../../../../core/gateway/client/client-error.ts";
import { errorBody, errorHeaders } from "../../../../core/gateway/client/client-error.ts";
import type { EventStream } from "../../../../core/gateway/client/event-stream.ts";
import { createEventStream } from "../../../../core/gateway/client/event-stream.ts";
import { createMessageDocument } from "../../../../core/gateway/client/message-document.ts";
import type { ReplyEnd, ReplySink, ReplyUsage } from "../../../../core/gateway/client/reply.ts";
import { checkStream } from "./grammar.ts";

const MESSAGE = { id: "msg_1", model: "sera" };
const USAGE: ReplyUsage = { inputTokens: 7, cacheReadTokens: 5, outputTokens: 3 };
const END: ReplyEnd = { stopReason: "end_turn", stopSequence: null };
const OVERLOADED: ClientError = {
  status: 529,
  type: "overloaded_error",
  message: 'No room for "you"\nnow',
  retryAfterSeconds: 4.2,
  shouldRetry: null,
};

function written(write: (stream: EventStream) => void): string {
  const parts: string[] = [];
  write(createEventStream(MESSAGE, (sse) => parts.push(sse)));
  return parts.join("");
}

describe("createEventStream", () => {
  it("writes text, a thought and a call as blocks, one open at a time", () => {
    const checked = checkStream(
      written((stream) => {
        stream.start();
        stream.ping();
        stream.thinking("a");
        stream.thinking("b");
        stream.signature("sig");
        stream.text("Hello");
        stream.text(" \n");
        stream.toolUse("toolu_1", "Bash");
        stream.toolInput('{"command"');
        stream.toolInput(':"ls"}');
        stream.toolUse("toolu_2", "Read");
        stream.end({ stopReason: "tool_use", stopSequence: null }, USAGE);
      }),
    );
    expect(checked.content).toEqual([
      { type: "thinking", thinking: "ab", signature: "sig" },
      { type: "text", text: "Hello \n" },
      { type: "tool_use", id: "toolu_1", name: "Bash", json: '{"command":"ls"}' },
      { type: "tool_use", id: "toolu_2", name: "Read", json: "" },
    ]);
    expect(checked.usage).toEqual({
      input_tokens: 7,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 5,
      output_tokens: 3,
    });
    expect(checked).toMatchObject({ id: "msg_1", model: "sera", stopReason: "tool_use", pings: 1, error: null });
  });

  it("opens no text block for white space, and keeps it for the text that follows", () => {
    const checked = checkStream(
      written((stream) => {
        stream.text("\n");
        stream.text(" ");
        stream.text("x");
        stream.toolUse("toolu_1", "Bash");
        stream.text("\n\n");
        stream.end(END, USAGE);
      }),
    );
    expect(checked.content).toEqual([
      { type: "text", text: "\n x" },
      { type: "tool_use", id: "toolu_1", name: "Bash", json: "" },
    ]);
  });

  it("gives an empty thinking block its signature", () => {
    const checked = checkStream(
      written((stream) => {
        stream.signature("sig");
        stream.end(END, USAGE);
      }),
    );
    expect(checked.content).toEqual([{ type: "thinking", thinking: "", signature: "sig" }]);
  });

  it("ends with an error and leaves a cut call open", () => {
    const sse = written((stream) => {
      stream.toolUse("toolu_1", "Bash");
      stream.toolInput('{"command":"rm');
      stream.fail(OVERLOADED);
      stream.ping();
      stream.text("late");
      stream.end(END, USAGE);
    });
    expect(checkStream(sse).error).toEqual({ type: "overloaded_error", message: OVERLOADED.message });
    expect(sse).not.toContain("content_block_stop");
    expect(sse).not.toContain("message_stop");
  });

  it("may fail before it starts", () => {
    expect(checkStream(written((stream) => stream.fail(OVERLOADED))).events).toEqual(["error"]);
  });

  it("names the stop sequence", () => {
    const sse = written((stream) => stream.end({ stopReason: "stop_sequence", stopSequence: 'a"b' }, USAGE));
    expect(checkStream(sse)).toMatchObject({ stopReason: "stop_sequence", stopSequence: 'a"b', content: [] });
  });

  it("refuses input without an open call", () => {
    const stream = createEventStream(MESSAGE, () => {});
    stream.text("x");
    expect(() => stream.toolInput("{")).toThrow("no tool_use block");
  });

  it("is understood by Anthropic's client, and its error is thrown there", async () => {
    const good = written((stream) => {
      stream.thinking("t");
      stream.signature("s");
      stream.text("Höllo 😀\u2028");
      stream.toolUse("toolu_1", "Bash");
      stream.toolInput('{"command":"ls"}');
      stream.end({ stopReason: "tool_use", stopSequence: null }, USAGE);
    });
    const message = await clientFor(good)
      .messages.stream({ model: "sera", max_tokens: 5, messages: [{ role: "user", content: "x" }] })
      .finalMessage();
    expect(message.content).toEqual([
      { type: "thinking", thinking: "t", signature: "s" },
      { type: "text", text: "Höllo 😀\u2028" },
      { type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls" } },
    ]);
    expect(message.usage).toMatchObject({ input_tokens: 7, cache_read_input_tokens: 5, output_tokens: 3 });
    const bad = written((stream) => {
      stream.text("x");
      stream.fail(OVERLOADED);
    });
    const failing = clientFor(bad)
      .messages.stream({ model: "sera", max_tokens: 5, messages: [{ role: "user", content: "x" }] })
      .finalMessage();
    await expect(failing).rejects.toMatchObject({ type: "overloaded_error" });
  });
});

function clientFor(sse: string): Anthropic {
  return new Anthropic({
    apiKey: "dummy",
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { "content-type": "text/event-stream" } }),
  });
}

type Write =
  | { readonly call: "text" | "thinking" | "signature"; readonly text: string }
  | { readonly call: "toolUse"; readonly input: readonly string[] };

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ call: fc.constantFrom("text" as const, "thinking" as const, "signature" as const), text: fc.string({ unit: "binary" }) }),
  fc.record({ call: fc.constantFrom("text" as const, "thinking" as const), text: fc.constantFrom("", " ", "\n", "a") }),
  fc.record({ call: fc.constant("toolUse" as const), input: fc.array(fc.string()).map((parts) => ["", JSON.stringify({ parts }), ""]) }),
);

/** Writes to any sink; ids differ. */
function replay(writes: readonly Write[], sink: ReplySink): void {
  for (const [index, one] of writes.entries()) {
    if (one.call === "toolUse") {
      sink.toolUse(`toolu_${index}`, "Tool");
      for (const part of one.input) sink.toolInput(part);
    } else sink[one.call](one.text);
  }
}

const thinks = { call: "thinking", text: "a" } as const;
const blank = { call: "text", text: " " } as const;
const signed = { call: "signature", text: "" } as const;

describe("the two writers", () => {
  it("keep the grammar, and say the same, whatever is written", () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), (writes) => {
        const checked = checkStream(
          written((stream) => {
            replay(writes, stream);
            stream.end(END, USAGE);
          }),
        );
        const document = createMessageDocument(MESSAGE);
        replay(writes, document);
        const whole = document.end(END, USAGE);
        const streamed = checked.content.map((block) =>
          block.type === "tool_use"
            ? { type: "tool_use", id: block.id, name: block.name, input: JSON.parse(block.json || "{}") }
            : block.type === "thinking"
              ? { ...block, signature: block.signature ?? "" }
              : block,
        );
        expect(whole["content"]).toEqual(streamed);
        expect(whole).toMatchObject({ id: "msg_1", type: "message", role: "assistant", model: "sera", stop_reason: "end_turn" });
        expect(whole["usage"]).toEqual(checked.usage);
      }),
      { numRuns: 300, examples: [[[thinks, blank, signed, { call: "text", text: "a" }]]] },
    );
  });
});

describe("createMessageDocument", () => {
  it("shows input that is no object instead of running something else", () => {
    const document = createMessageDocument(MESSAGE);
    document.toolUse("toolu_1", "Bash");
    document.toolInput('{"command":"rm -rf /tmp');
    document.toolUse("toolu_2", "Bash");
    const { content } = document.end({ stopReason: "max_tokens", stopSequence: null }, USAGE);
    expect(content).toEqual([
      { type: "tool_use", id: "toolu_1", name: "Bash", input: { unparsed_input: '{"command":"rm -rf /tmp' } },
      { type: "tool_use", id: "toolu_2", name: "Bash", input: {} },
    ]);
  });
});

describe("errors", () => {
  it("have the body and the headers of the Messages API", () => {
    expect(JSON.parse(errorBody(OVERLOADED, 'req"1'))).toEqual({
      type: "error",
      error: { type: "overloaded_error", message: OVERLOADED.message },
      request_id: 'req"1',
    });
    expect(errorHeaders(OVERLOADED)).toEqual({ "content-type": "application/json", "retry-after": "5" });
    expect(errorHeaders({ ...OVERLOADED, retryAfterSeconds: null, shouldRetry: false })).toEqual({
      "content-type": "application/json",
      "x-should-retry": "false",
    });
  });
});

describe("checkStream", () => {
  const start = written((stream) => stream.start());
  const block = (index: number) =>
    `event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":{"type":"text","text":""}}\n\n`;
  const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

  it.each([
    ["nothing", ""],
    ["no end", start],
    ["two starts", start + start],
    ["a stop without message_delta", start + stop],
    ["a wrong index", start + block(1)],
    ["two open blocks", start + block(0) + block(0)],
    ["a ping in front", 'event: ping\ndata: {"type":"ping"}\n\n'],
    ["half an event", start.slice(0, -1)],
    ["an unknown event", `${start}event: toString\ndata: {"type":"toString"}\n\n`],
  ])("refuses %s", (_, sse) => {
    expect(() => checkStream(sse)).toThrow("Not the grammar");
  });
});
