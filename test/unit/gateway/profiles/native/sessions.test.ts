import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spacedJson } from "../../../../../core/agent/spaced-json.ts";
import { createMessageDocument } from "../../../../../core/gateway/client/message-document.ts";
import { native } from "../../../../../core/gateway/profiles/native/index.ts";
import type { ReplyPart } from "../../../../../core/gateway/reply/part.ts";
import { createRelay } from "../../../../../core/gateway/reply/relay.ts";
import { brokenRules } from "../../chat-rules.ts";
import { BASH, chatOf, EDIT, model, request } from "../requests.ts";

type Block = Readonly<Record<string, unknown>>;
interface ClientMessage {
  readonly role: string;
  readonly content: string | readonly Block[];
}

const words = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== "");
const key = fc.string({ unit: "grapheme-ascii", maxLength: 8 }).filter((name) => name !== "__proto__" && !/^\d+$/.test(name));
const args = fc.dictionary(key, fc.oneof(words, fc.jsonValue({ maxDepth: 1 })), { maxKeys: 4 }).map((value) => parseInOrder(value));
/** Members that are numbers come first in any object of JavaScript: tools have none. */
const parseInOrder = (value: object): object => JSON.parse(JSON.stringify(value).replaceAll(/"\d+":/g, '"n":'));

interface Reply {
  readonly thought: string | null;
  readonly text: string;
  readonly gap: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}
const frame = { place: "content", open: "<think>\n", close: "\n</think>\n\n" } as const;
const reply: fc.Arbitrary<Reply> = fc.record({
  thought: fc.option(words),
  text: fc.oneof(words, fc.constant("")),
  gap: fc.constantFrom("", "\n", "\n\n"),
  calls: fc.array(fc.record({ name: fc.constantFrom("Bash", "Edit", "Other"), arguments: args.map(spacedJson) }), { maxLength: 3 }),
});

/** What the client makes of a reply: it goes through the reader, and the results come in any order with words beside them. */
function answered(said: Reply, prefix: string): readonly Block[] {
  const parts: ReplyPart[] = [];
  if (said.thought !== null) parts.push({ kind: "thinking", text: said.thought }, { kind: "thought", frame });
  if (said.text !== "") parts.push({ kind: "text", text: said.text });
  if (said.calls.length > 0 && said.gap !== "") parts.push({ kind: "text", text: said.gap });
  for (const call of said.calls) {
    const half = Math.floor(call.arguments.length / 2);
    parts.push({ kind: "call", name: call.name }, { kind: "arguments", text: call.arguments.slice(0, half) });
    parts.push({ kind: "arguments", text: call.arguments.slice(half) }, { kind: "called", isWhole: true });
  }
  const document = createMessageDocument({ id: "msg", model: "m" });
  let count = 0;
  const plan = native.plan(request({ tools: [BASH] }), model);
  if (plan.kind !== "ask") throw new Error("The plan asks nobody.");
  const reader = plan.reader(document, () => `${prefix}x${++count}`);
  for (const part of parts) reader.take(part);
  return document.end(reader.end("stop", null), { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 })["content"] as readonly Block[];
}

/** The reply as the model server gave it. */
function original(said: Reply, firstCall: number) {
  const thought = said.thought === null ? "" : frame.open + said.thought + frame.close;
  const calls = said.calls.map((call, at) => ({ id: `call_${firstCall + at}`, type: "function", function: call }));
  return {
    role: "assistant",
    content: thought + said.text + (said.calls.length > 0 ? said.gap : ""),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** A session: replies, and what the user's side says after each. */
const session = fc.array(
  fc.record({ said: reply, heard: fc.array(words, { maxLength: 2 }), isReversed: fc.boolean(), note: fc.option(words) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

function grow(turns: readonly { said: Reply; heard: readonly string[]; isReversed: boolean; note: string | null }[]): ClientMessage[][] {
  let messages: ClientMessage[] = [{ role: "user", content: "Do it" }];
  const requests = [messages];
  turns.forEach(({ said, heard, isReversed, note }, turn) => {
    const blocks = answered(said, `t${turn}`);
    const results = said.calls.map((call, at) => ({
      type: "tool_result",
      tool_use_id: blocks.filter((block) => block["type"] === "tool_use")[at]!["id"],
      content: `${call.name} ${turn}.${at}`,
    }));
    const content: Block[] = [...(isReversed ? results.toReversed() : results), ...heard.map((text) => ({ type: "text", text }))];
    if (said.calls.length === 0 && heard.length === 0) content.push({ type: "text", text: "Go on" });
    messages = [...messages, { role: "assistant", content: blocks }, { role: "user", content }];
    if (note !== null) messages.push({ role: "system", content: note });
    requests.push(messages);
  });
  return requests;
}

describe("sessions", () => {
  test("each prompt is the beginning of the next, and holds the model's replies as it gave them", () => {
    fc.assert(
      fc.property(session, (turns) => {
        const visible = turns.filter(({ said }) => said.thought !== null || said.text !== "" || said.calls.length > 0);
        const chats = grow(visible).map((messages) =>
          chatOf(native.plan(request({ system: "You help.", tools: [BASH, EDIT], messages }), model)),
        );
        let calls = 0;
        chats.forEach((chat, at) => {
          expect(brokenRules(chat)).toEqual([]);
          const next = chats[at + 1];
          if (next === undefined) return;
          const before = chat.messages.map((message) => JSON.stringify(message));
          expect(next.messages.slice(0, before.length).map((message) => JSON.stringify(message))).toEqual(before);
          const { said } = visible[at]!;
          expect(JSON.stringify(next.messages[before.length])).toBe(JSON.stringify(original(said, calls)));
          calls += said.calls.length;
        });
      }),
      { numRuns: 150 },
    );
  });

  test("no conversation at all gives what a server refuses", () => {
    const id = fc.constantFrom("a", "b", "c");
    const image = fc.constant({ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBOR" } });
    const text = fc.record({ type: fc.constant("text"), text: fc.oneof(fc.constantFrom("", " ", "\n"), fc.string({ unit: "binary" })) });
    const block = fc.oneof(
      text,
      image,
      fc.record({ type: fc.constant("tool_use"), id, name: words, input: fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()) }),
      fc.record({
        type: fc.constant("tool_result"),
        tool_use_id: id,
        content: fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.oneof(text, image))),
      }),
      fc.record({ type: fc.constant("thinking"), thinking: fc.string(), signature: fc.string() }),
      fc.record({ type: fc.constantFrom("document", "server_tool_use", "new_block") }),
    );
    const message = fc.record({
      role: fc.constantFrom("user", "assistant", "system"),
      content: fc.oneof(fc.string(), fc.array(block, { maxLength: 5 })),
    });
    const body = fc.record({
      messages: fc.array(message, { minLength: 1, maxLength: 8 }),
      system: fc.oneof(fc.string(), fc.array(text)),
      tools: fc.constantFrom([], [BASH], [BASH, EDIT, BASH], [{ name: "T", input_schema: { type: "array" } }]),
      tool_choice: fc.constantFrom(undefined, { type: "auto" }, { type: "any" }, { type: "tool", name: "T" }, { type: "none" }),
      temperature: fc.constantFrom(undefined, 0, 1),
      top_p: fc.constantFrom(undefined, 0, 1),
    });
    fc.assert(
      fc.property(body, fc.boolean(), fc.boolean(), (fields, canSeeImages, escapesReserved) => {
        const plan = native.plan(request(fields), { ...model, canSeeImages, escapesReserved });
        expect(plan.kind === "ask" ? brokenRules(plan.chat) : []).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("two new processes ask the model the same, byte for byte", () => {
    const [turns] = fc.sample(session, { numRuns: 1, seed: 7 });
    const messages = grow(turns!).at(-1);
    const input = JSON.stringify({ request: { model: "m", max_tokens: 100, tools: [BASH], system: "You help.", messages }, model });
    const script = new URL("plan-in-process.ts", import.meta.url).pathname;
    const asked = [1, 2].map(() => spawnSync(process.execPath, [script], { input, encoding: "utf8" }));
    expect(asked.map(({ stderr }) => stderr)).toEqual(["", ""]);
    expect(asked[0]!.stdout).toBe(asked[1]!.stdout);
    expect(asked[0]!.stdout).toBe(
      JSON.stringify(chatOf(native.plan(request({ max_tokens: 100, tools: [BASH], system: "You help.", messages }), model))),
    );
  });

  test("a whole stream of a server: thought and call in the text, cut anywhere, and back in the history", () => {
    const whole =
      '<think>\nHm.\n</think>\n\nI look.\n<tool_call>\n{"name": "Bash", "arguments": {"command": "ls", "timeout": 5}}\n</tool_call>';
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const plan = native.plan(request({ tools: [BASH] }), model);
        if (plan.kind !== "ask") throw new Error("The plan asks nobody.");
        const document = createMessageDocument({ id: "msg", model: "m" });
        const relay = createRelay(plan, model, document, () => "1");
        at.forEach((from, index) => relay.push([{ content: whole.slice(from, at[index + 1] ?? from) }]));
        relay.push([{ finish: { reason: "stop", stop: null } }]);
        const { end, usage } = relay.end();
        expect(end.stopReason).toBe("tool_use");
        const content = document.end(end, usage)["content"] as readonly Block[];
        const messages = [
          { role: "user", content: "Hello" },
          { role: "assistant", content },
        ];
        const [, answer] = chatOf(native.plan(request({ tools: [BASH], messages }), model)).messages;
        expect(answer).toMatchObject({
          content: "<think>\nHm.\n</think>\n\nI look.\n",
          tool_calls: [{ id: "call_0", function: { name: "Bash", arguments: '{"command": "ls", "timeout": 5}' } }],
        });
      }),
    );
  });
});
