import { describe, expect, it } from "vitest";
import { createEventStream } from "../../../../core/gateway/client/event-stream.ts";
import type { FinishReason } from "../../../../core/gateway/profiles/profile.ts";
import type { ReplyPart } from "../../../../core/gateway/reply/part.ts";
import type { AskPlan } from "../../../../core/gateway/reply/relay.ts";
import { createRelay } from "../../../../core/gateway/reply/relay.ts";
import type { ChatChunk } from "../../../../core/gateway/upstream/chat-chunk.ts";
import { checkStream } from "../client/grammar.ts";

const MODEL = { thinking: "leading-tag", escapesReserved: false, readsCallsInText: true } as const;
const TOOLS = [
  {
    type: "function" as const,
    function: {
      name: "bash",
      description: "",
      parameters: { type: "object", properties: { command: { type: "string" }, n: { type: "integer" } } },
    },
  },
];

/** A profile as plain as can be: parts as blocks of their own kinds. */
function planFor(seen: (finish: FinishReason, stop: string | null) => void, expectsCalls = true): AskPlan {
  return {
    kind: "ask",
    chat: { model: "m", messages: [], tools: TOOLS, stream: true },
    expectsCalls,
    reader: (sink, freshId) => ({
      take(part: ReplyPart) {
        if (part.kind === "text") sink.text(part.text);
        if (part.kind === "thinking") sink.thinking(part.text);
        if (part.kind === "thought") sink.signature("sig");
        if (part.kind === "call") sink.toolUse(freshId(), part.name);
        if (part.kind === "arguments") sink.toolInput(part.text);
      },
      end(finish, stop) {
        seen(finish, stop);
        return { stopReason: finish === "calls" ? "tool_use" : "end_turn", stopSequence: stop };
      },
    }),
  };
}

function relayed(chunks: readonly ChatChunk[], expectsCalls = true) {
  const sse: string[] = [];
  const ends: unknown[] = [];
  let id = 0;
  const stream = createEventStream({ id: "msg_1", model: "m" }, (event) => sse.push(event));
  const plan = planFor((finish, stop) => ends.push([finish, stop]), expectsCalls);
  const relay = createRelay(plan, MODEL, stream, () => `toolu_${id++}`);
  const before = relay.hasOutput;
  relay.push(chunks);
  const { end, usage } = relay.end();
  stream.end(end, usage);
  return { stream: checkStream(sse.join("")), ends, before, after: relay.hasOutput, usage };
}

const finish = (reason: string, stop: string | null = null): ChatChunk => ({ finish: { reason, stop } });

describe("createRelay", () => {
  it("carries a reply from chunks to blocks", () => {
    const { stream, ends, before, after } = relayed([
      { content: "<think>\nHm.\n</think>\n\nLook" },
      { content: '.\n<tool_call>\n{"name": "bash", "arguments": {"command": "ls"}}\n</tool_call>' },
      finish("stop"),
      { usage: { promptTokens: 12, cachedTokens: 4, completionTokens: 3 } },
    ]);
    expect(stream.content).toEqual([
      { type: "thinking", thinking: "Hm.", signature: "sig" },
      { type: "text", text: "Look.\n" },
      { type: "tool_use", id: "toolu_0", name: "bash", json: '{"command": "ls"}' },
    ]);
    expect(stream.usage).toMatchObject({ input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 3 });
    expect(ends).toEqual([["calls", null]]);
    expect([before, after]).toEqual([false, true]);
  });

  it("takes values of the XML form for what the tool's schema says", () => {
    const { stream } = relayed([{ content: "<function=bash><parameter=command>1</parameter><parameter=n>2</parameter></function>" }]);
    expect(stream.content).toEqual([{ type: "tool_use", id: "toolu_0", name: "bash", json: '{"command": "1", "n": 2}' }]);
  });

  it("reads no call where calls are forbidden", () => {
    const text = "<function=bash></function>";
    expect(relayed([{ content: text }], false).stream.content).toEqual([{ type: "text", text }]);
  });

  it.each<[string, FinishReason, FinishReason]>([
    ["stop", "stop", "calls"],
    ["eos", "stop", "calls"],
    ["length", "length", "length"],
    ["content_filter", "refused", "refused"],
    ["tool_calls", "calls", "calls"],
    ["function_call", "calls", "calls"],
  ])("maps the finish %s to %s, and behind a call to %s", (reason, plain, behindCall) => {
    expect(relayed([{ calls: [{ index: 0, name: "bash" }] }, finish(reason)]).ends).toEqual([[behindCall, null]]);
    // A server that promises calls and sends none leaves an answer without one.
    const text = relayed([{ content: "x" }, finish(reason, "END")]);
    expect(text.ends).toEqual([[plain === "calls" ? "stop" : plain, "END"]]);
  });

  it("passes nothing on, and counts nothing, where nothing came", () => {
    const { after, usage, stream } = relayed([finish("stop")]);
    expect(after).toBe(false);
    expect(usage).toEqual({ inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 });
    expect(stream.content).toEqual([]);
  });
});
