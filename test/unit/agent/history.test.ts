import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liveMessages, withCallIds } from "../../../core/agent/history.ts";
import type { JournalEntry } from "../../../core/agent/journal.ts";
import type { Message, ToolCall } from "../../../core/agent/messages.ts";
import { foldJournal } from "../../../core/agent/session.ts";
import { mini } from "../../../core/agent/toolsets/mini/index.ts";
import { USAGE } from "./support/platform.ts";

const START: JournalEntry = {
  type: "start",
  at: "",
  version: 1,
  toolset: "mini",
  messages: [
    { role: "system", content: "s" },
    { role: "user", content: "u" },
  ],
};

interface Attempt {
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  readonly isRefused: boolean;
}

function entriesOf(attempts: readonly Attempt[]): readonly JournalEntry[] {
  const replies = attempts.map(({ content, toolCalls, isRefused }, index): JournalEntry[] => {
    const message = withCallIds({ role: "assistant", content, reasoning: null, toolCalls }, index);
    const reply: JournalEntry = {
      type: "reply",
      at: "",
      callId: `r/${index}`,
      message,
      finishReason: "stop",
      usage: USAGE,
      costMicroUsd: 0,
      model: "m",
      latencyMs: 0,
      rehearsal: false,
    };
    if (isRefused || toolCalls.length === 0) return [reply, { type: "requery", at: "", content: `wrong ${index}` }];
    const observations = message.toolCalls.map(({ id }): JournalEntry => ({
      type: "observation",
      at: "",
      toolCallId: id,
      content: "o",
      executionMs: 0,
      timedOut: false,
      effect: null,
    }));
    return [reply, ...observations];
  });
  return [START, ...replies.flat()];
}

const messagesOf = (attempts: readonly Attempt[]) => liveMessages(foldJournal(entriesOf(attempts), mini));
const contents = (messages: readonly Message[]) => messages.map((message) => [message.role, message.content]);
const toolCall = fc.record({
  id: fc.constantFrom("", "a", "b"),
  name: fc.oneof(fc.constant("bash"), fc.string()),
  arguments: fc.oneof(fc.json(), fc.string()),
});
const attempt = fc.record({ content: fc.string(), toolCalls: fc.array(toolCall, { maxLength: 3 }), isRefused: fc.boolean() });

describe("the messages of the next call", () => {
  it("are what an OpenAI-compatible server accepts, whatever the replies were", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 6 }), (attempts) => {
        const messages = messagesOf(attempts);
        messages.forEach((message, index) => {
          if (message.role !== "assistant") return;
          expect(message.content !== "" || message.toolCalls.length > 0).toBe(true);
          const ids = message.toolCalls.map((call) => call.id);
          expect(new Set(ids).size).toBe(ids.length);
          const answers = messages.slice(index + 1, index + 1 + ids.length);
          expect(answers.map((answer) => answer.role === "tool" && answer.toolCallId)).toEqual(ids);
          for (const call of message.toolCalls) {
            expect(call.name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
            const value: unknown = JSON.parse(call.arguments);
            expect(Object.prototype.toString.call(value)).toBe("[object Object]");
          }
        });
      }),
    );
  });

  it("hold failed attempts only while they are the last that happened, so that they equal the training text", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 6 }), attempt, (attempts, last) => {
        const good: Attempt = { ...last, isRefused: false, toolCalls: [{ id: "x", name: "bash", arguments: "{}" }] };
        const isKept = (each: Attempt) => !each.isRefused && each.toolCalls.length > 0;
        expect(contents(messagesOf([...attempts, good]))).toEqual(contents(messagesOf([...attempts.filter(isKept), good])));
        const failed: Attempt = { content: "oops", toolCalls: [], isRefused: true };
        const shown = messagesOf([good, failed, failed]).slice(-4);
        expect(shown.map((message) => message.content)).toEqual(["oops", "wrong 1", "oops", "wrong 2"]);
      }),
    );
  });

  it("keep arguments that are an object byte for byte", () => {
    const text = '{ "command":"x",  "n": 1.0, "é": "\\u00e9" }';
    const messages = messagesOf([{ content: "", isRefused: false, toolCalls: [{ id: "a", name: "bash", arguments: text }] }]);
    expect(messages[2]).toMatchObject({ toolCalls: [{ arguments: text }] });
  });
});
