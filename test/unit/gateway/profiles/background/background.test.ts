import { describe, expect, test } from "vitest";
import { answerWithoutModel } from "../../../../../core/gateway/profiles/background/answer-without-model.ts";
import { commonFields } from "../../../../../core/gateway/profiles/background/common-fields.ts";
import { isCompaction } from "../../../../../core/gateway/profiles/background/is-compaction.ts";
import { planPlain } from "../../../../../core/gateway/profiles/background/plan-plain.ts";
import { native } from "../../../../../core/gateway/profiles/native/index.ts";
import { brokenRules } from "../../chat-rules.ts";
import { BASH, chatOf, model, request } from "../requests.ts";

const reminder = { type: "text", text: "<system-reminder>\nThe rules of this repository.\n</system-reminder>\n" };
const text = (words: string) => ({ type: "text", text: words });

function answered(fields: Readonly<Record<string, unknown>>): string | null {
  const plan = answerWithoutModel(request(fields));
  if (plan === null) return null;
  if (plan.kind !== "answer") throw new Error("The plan asks the model.");
  const reply = plan.reply(() => "x");
  expect(reply.stopReason).toBe("end_turn");
  return reply.blocks.map((block) => (block.type === "text" ? block.text : block.name)).join("");
}

describe("requests that need no model", () => {
  test("a warm-up of a sub-agent, with its tools and reminders", () => {
    expect(answered({ tools: [BASH], messages: [{ role: "user", content: [reminder, text("Warmup")] }] })).toBe("Ready.");
    expect(answered({ tools: [BASH], messages: [{ role: "user", content: "Warmup" }] })).toBe("Ready.");
  });

  test.each([
    ["more words", [{ role: "user", content: "Warmup the cache of the tests" }]],
    ["a second text", [{ role: "user", content: [text("Warmup"), text("now")] }]],
    ["an image beside it", [{ role: "user", content: [text("Warmup"), { type: "image", source: { type: "url", url: "https://x" } }] }]],
    [
      "a conversation",
      [
        { role: "user", content: "Warmup" },
        { role: "assistant", content: "Ready." },
        { role: "user", content: "Warmup" },
      ],
    ],
  ])("but not with %s", (_, messages) => {
    expect(answered({ tools: [BASH], messages })).toBeNull();
  });

  test("a web search, which is told to go on without", () => {
    const search = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
    const messages = [{ role: "user", content: "Perform a web search for the query: fast-check 4" }];
    expect(answered({ tools: [search], messages })).toContain("Web search is not available");
    expect(answered({ tools: [search, BASH], messages })).toBeNull();
  });

  test("a look at the quota, and no other short answer", () => {
    const messages = [{ role: "user", content: "quota" }];
    expect(answered({ max_tokens: 1, messages })).toBe("ok");
    expect(answered({ max_tokens: 1, messages: [{ role: "user", content: "test" }] })).toBeNull();
    expect(answered({ max_tokens: 2, messages })).toBeNull();
    expect(answered({ max_tokens: 1, messages, system: "You answer." })).toBeNull();
  });
});

describe("the request for a summary", () => {
  const ask = "Your task is to create a detailed summary of the conversation so far.\n<summary>\n1. …\n</summary>";

  test.each([
    ["alone (1.0 and 2.0)", [{ role: "user", content: ask }]],
    [
      "behind other words and a result (2.1)",
      [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "hi" }, text(`No calls.\n\n${ask}`)] }],
    ],
    [
      "with a system message behind it",
      [
        { role: "user", content: ask },
        { role: "system", content: "The date is new." },
      ],
    ],
  ])("is known %s", (_, end) => {
    const messages = [{ role: "user", content: "Do it" }, { role: "assistant", content: "Done." }, ...end];
    expect(isCompaction(request({ messages }))).toBe(true);
  });

  test.each([
    [
      "earlier in the conversation",
      [
        { role: "user", content: ask },
        { role: "assistant", content: "<summary>x</summary>" },
        { role: "user", content: "Go on" },
      ],
    ],
    ["in a result", [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: ask }] }]],
    ["in words about it", [{ role: "user", content: `Why does it say "${ask}"?` }]],
    ["without the form of the answer", [{ role: "user", content: "Your task is to create a detailed summary of this file." }]],
  ])("is not seen %s", (_, messages) => {
    expect(isCompaction(request({ messages }))).toBe(false);
  });

  test("keeps the tools in the prompt for its cache, and forbids their use", () => {
    const plan = native.plan(request({ tools: [BASH], messages: [{ role: "user", content: ask }] }), model);
    expect(chatOf(plan)).toMatchObject({ tool_choice: "none", tools: [{ function: { name: "Bash" } }] });
    expect(plan).toMatchObject({ expectsCalls: false });
  });
});

describe("a request without tools", () => {
  test("has none upstream, and a schema for its answer where the client wants one", () => {
    const schema = { type: "object", properties: { title: { type: "string" } } };
    const asked = request({ system: "Write a title.", tools: [], output_config: { format: { type: "json_schema", schema } } });
    const chat = chatOf(planPlain(asked, model));
    expect(chat.tools).toBeUndefined();
    expect(chat.messages).toEqual([
      { role: "system", content: "Write a title." },
      { role: "user", content: "Hello" },
    ]);
    expect(chat.response_format).toEqual({ type: "json_schema", json_schema: { name: "answer", schema, strict: true } });
    expect(brokenRules(chat)).toEqual([]);
  });

  test("gives text and nothing else", () => {
    const plan = planPlain(request({}), model);
    if (plan.kind !== "ask") throw new Error("The plan asks nobody.");
    const seen: string[] = [];
    const fail = () => expect.unreachable();
    const sink = { text: (delta: string) => seen.push(delta), thinking: fail, signature: fail, toolUse: fail, toolInput: fail };
    const reader = plan.reader(sink, () => "x");
    reader.take({ kind: "thinking", text: "Hm." });
    reader.take({ kind: "thought", frame: { place: "reasoning" } });
    reader.take({ kind: "text", text: "A title" });
    expect(reader.end("length", null)).toEqual({ stopReason: "max_tokens", stopSequence: null });
    expect(seen).toEqual(["A title"]);
  });
});

describe("fields that all requests have", () => {
  const fields = (body: Readonly<Record<string, unknown>>, agent = false, more = {}) =>
    commonFields(request(body), { ...model, ...more }, { agent });

  test("the answer is as long as client, model and window allow", () => {
    expect(fields({ max_tokens: 100 }).max_tokens).toBe(100);
    expect(fields({ max_tokens: 100_000 }).max_tokens).toBe(4096);
    expect(fields({ max_tokens: 100_000 }, false, { maxOutputTokens: null }).max_tokens).toBe(32_767);
    expect(fields({ max_tokens: 100_000 }, false, { maxOutputTokens: null, contextTokens: null }).max_tokens).toBe(100_000);
    expect(fields({ max_tokens: undefined }).max_tokens).toBe(4096);
    expect(fields({ max_tokens: undefined }, false, { maxOutputTokens: null })).not.toHaveProperty("max_tokens");
    expect(fields({ max_tokens: 5 }, false, { contextTokens: 1 }).max_tokens).toBe(1);
  });

  test("sampling is the client's, else the model's", () => {
    expect(fields({ temperature: 0, top_p: 0.5, top_k: 3 })).toMatchObject({ temperature: 0, top_p: 0.5, top_k: 3 });
    expect(fields({})).toMatchObject({ temperature: 0.6, top_p: 0.95, top_k: 20 });
    expect(fields({ temperature: 1 })).toMatchObject({ temperature: 1 });
    expect(fields({ temperature: 1 }, true)).toMatchObject({ temperature: 0.6 });
    expect(fields({ temperature: 1 }, true, { sampling: { temperature: null, topP: null, topK: null } })).not.toHaveProperty("temperature");
  });

  test("what servers refuse is left out", () => {
    const chat = fields({ top_p: 0, top_k: 0, stop_sequences: [""] });
    for (const name of ["top_p", "top_k", "stop"]) expect(chat).not.toHaveProperty(name);
    expect(fields({ stop_sequences: ["", "END"] }).stop).toEqual(["END"]);
  });

  test("the model's own name, a stream, and its usage", () => {
    expect(fields({})).toMatchObject({ model: "upstream-model", stream: true, stream_options: { include_usage: true } });
  });
});
