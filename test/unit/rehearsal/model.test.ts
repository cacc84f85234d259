import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatMessage, ChatRequest } from "../../../drivers/rehearsal/conversation.ts";
import { conversationKey, readRequest } from "../../../drivers/rehearsal/conversation.ts";
import type { Reply } from "../../../drivers/rehearsal/reply.ts";
import { createModel } from "../../../drivers/rehearsal/reply.ts";
import { promptTokens } from "../../../drivers/rehearsal/tokens.ts";
import { ask, message } from "./chat.ts";

const PROMPT = [message("system", "You work."), message("user", "There is a problem around the function `total` in `cart.py`.")];
const modelOf = (seed: string): ((request: ChatRequest, isEndless: (rolloutKey: string) => boolean) => Reply) => {
  const model = createModel(seed);
  return (request, isEndless) => model(request, conversationKey(request), isEndless);
};
const never = (): boolean => false;

/** Plays `turns` turns against a sandbox that always answers the same. */
function play(reply: (request: ChatRequest) => Reply, turns: number, answer = "OBSERVATION:\nnothing"): ChatMessage[] {
  const messages = [...PROMPT];
  for (let turn = 0; turn < turns; turn += 1) {
    const { calls, content } = reply(ask(messages)).answer;
    messages.push(
      message("assistant", content, { calls: calls.map((call) => ({ id: `c${turn}`, ...call })) }),
      message("tool", answer, { toolCallId: `c${turn}` }),
    );
  }
  return messages;
}

describe("createModel", () => {
  it("gives the same reply to the same messages, in any process and any order", () => {
    const messages = play((request) => modelOf("1")(request, never), 6);
    const one = modelOf("1");
    const lengths = [13, 3, 9, 5, 3, 11];
    const forward = lengths.map((length) => one(ask(messages.slice(0, length - 1)), never));
    const other = modelOf("1");
    const backward = lengths
      .toReversed()
      .map((length) => other(ask(messages.slice(0, length - 1)), never))
      .toReversed();
    expect(forward).toEqual(backward);
    expect(new Set(forward.map(({ rolloutKey }) => rolloutKey)).size).toBe(1);
  });

  it("depends on the seed", () => {
    const first = (seed: number): string =>
      JSON.stringify(play((request) => modelOf(String(seed))(request, never), 3).filter(({ role }) => role === "assistant"));
    expect(new Set(Array.from({ length: 10 }, (_, seed) => first(seed))).size).toBeGreaterThan(3);
  });

  it("passes over turns that were spoilt or sent back", () => {
    const model = modelOf("1");
    const clean = play((request) => model(request, never), 4);
    const spoilt = clean.flatMap((each, index) => {
      if (each.role !== "assistant" || index < 4) return [each];
      const [call] = each.calls;
      const twice = [...each.calls, { id: "more", name: "bash", input: '{"command":"pwd"}' }];
      return [
        message("assistant", "hm"),
        message("user", "Your last reply held no tool call."),
        message("assistant", "hm", { calls: twice }),
        message("tool", "Your last reply held 2 tool calls.", { toolCallId: "x" }),
        message("assistant", "hm", { calls: call === undefined ? [] : [{ ...call, input: call.input.slice(0, -2) }] }),
        message("tool", "bad JSON", { toolCallId: "x" }),
        each,
      ];
    });
    expect(model(ask(spoilt), never).answer).toEqual(model(ask(clean), never).answer);
  });

  it("submits in the end, unless it is the endless one", () => {
    const last = (isEndless: boolean): string | undefined => {
      const model = modelOf("1");
      return play((request) => model(request, () => isEndless), 40).at(-2)?.calls[0]?.name;
    };
    expect(last(false)).toBe("submit");
    expect(last(true)).toBe("bash");
  });

  it("never throws, whatever the observations say", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 8 }), fc.integer({ min: 0, max: 50 }), (observations, seed) => {
        const model = modelOf(String(seed));
        const messages = [...PROMPT];
        for (const [index, content] of [
          ...observations,
          "12:def total(a):\n13-    return a\n40",
          "    12\tdef total(a):\n    13\t    return a",
        ].entries()) {
          const { answer } = model(ask(messages), never);
          expect(answer.calls).toHaveLength(1);
          messages.push(
            message("assistant", "", { calls: answer.calls.map((call) => ({ id: String(index), ...call })) }),
            message("tool", content),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("judges about one in twenty bad and writes without giving the change away but for about 3 %", () => {
    const model = modelOf("9");
    const line = '            raise ValueError("total: prices must not be None")';
    let refused = 0;
    let leaky = 0;
    const total = 1200;
    for (let call = 0; call < total; call += 1) {
      const transcript = `Diagnosis: in \`a/cart.py\`, \`Cart.total\` does not cope with empty input.\n\n+++ b/a/cart.py\n+${line}\n\n${call}`;
      const verdict = model(ask([message("user", `${transcript}\nAnswer <output>yes</output> or <output>no</output>.`)], []), never);
      expect([verdict.purpose, /<output>(?:yes|no)<\/output>$/.test(verdict.answer.content)]).toEqual(["judge", true]);
      if (verdict.answer.content.endsWith("<output>no</output>")) refused += 1;
      const written = model(ask([message("user", `${transcript}\nPut it between <output> and </output>.`)], []), never);
      expect(written.purpose).toBe("writer");
      expect(written.answer.content).toMatch(/`Cart\.total` in `a\/cart\.py`|In `a\/cart\.py`, the function `Cart\.total`/);
      if (written.answer.content.includes(line.trim())) leaky += 1;
    }
    expect(refused / total).toBeGreaterThan(0.03);
    expect(refused / total).toBeLessThan(0.07);
    expect(leaky / total).toBeGreaterThan(0.015);
    expect(leaky / total).toBeLessThan(0.05);
  });
});

describe("promptTokens", () => {
  it("counts what was sent before as cached, in blocks", () => {
    const long = "x".repeat(400);
    const first = [message("system", long), message("user", long)];
    expect(promptTokens(ask(first))).toEqual({ total: 208, cached: 0 });
    const later = [...first, message("assistant", "ok"), message("tool", long)];
    expect(promptTokens(ask(later))).toEqual({ total: 317, cached: 208 });
  });
});

describe("readRequest", () => {
  it("takes a reply for the same wherever its reasoning stands", () => {
    const history = (assistant: object): ChatRequest => {
      const read = readRequest({
        model: "m",
        messages: [
          { role: "user", content: "u" },
          { role: "assistant", ...assistant },
        ],
      });
      if (typeof read === "string") throw new Error(read);
      return read;
    };
    const forms = [
      { content: "a", reasoning_content: "r" },
      { content: "a", reasoning: "r" },
      { content: "<think>\nr\n</think>\n\na" },
    ].map(history);
    expect(new Set(forms.map(conversationKey)).size).toBe(1);
    expect(new Set(forms.map((form) => promptTokens(form).total)).size).toBe(1);
    expect(conversationKey(history({ content: "b" }))).not.toBe(conversationKey(history({ content: "a" })));
  });

  it.each([
    [null, "The body must be"],
    [{ messages: [] }, "`model`"],
    [{ model: "m", messages: [] }, "`messages`"],
    [{ model: "m", messages: [1] }, "messages[0]: must be an object"],
    [{ model: "m", messages: [{ role: "robot", content: "" }] }, "messages[0]: role"],
    [{ model: "m", messages: [{ role: "user" }] }, "messages[0]: content"],
    [{ model: "m", messages: [{ role: "user", content: "" }], tools: {} }, "`tools`"],
    [{ model: "m", messages: [{ role: "user", content: "" }], max_tokens: 0 }, "`max_tokens`"],
  ])("%j", (json, complaint) => {
    expect(readRequest(json)).toContain(complaint);
  });

  it("takes any JSON without throwing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (messages, tools) => {
        const read = readRequest({
          model: "m",
          messages: Array.isArray(messages) ? messages : [{ role: "user", content: messages }],
          tools,
        });
        expect(["string", "object"]).toContain(typeof read);
      }),
    );
  });
});
