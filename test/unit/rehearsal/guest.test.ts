import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatMessage, ChatRequest } from "../../../drivers/rehearsal/conversation.ts";
import { conversationKey } from "../../../drivers/rehearsal/conversation.ts";
import { readGuestRequest } from "../../../drivers/rehearsal/guest/request.ts";
import { createModel } from "../../../drivers/rehearsal/reply.ts";
import { ask, message } from "./chat.ts";

const STUDENT = ["bash", "str_replace_editor", "submit"];
const CLIENT = ["Bash", "Edit", "Read", "Write"];

const model = createModel("1");
const answerTo = (request: ChatRequest) => model(request, conversationKey(request), () => false).answer;

/** A workspace of one file, as far as the script looks at it. */
function observe(name: string, input: string, files: Map<string, string[]>): string {
  const fields: { readonly command?: string; readonly path?: string; readonly insert_line?: number; readonly new_str?: string } =
    JSON.parse(input);
  const text = `${fields.command ?? ""} ${fields.path ?? ""}`;
  const path = /(?:\/testbed\/|')([\w./]+\.py)/.exec(text)?.[1] ?? "";
  const lines = files.get(path) ?? [];
  if (name === "submit") return "OBSERVATION:\ndone";
  if (text.startsWith("find")) return [...files.keys()].map((file) => `./${file}`).join("\n");
  if (text.startsWith("grep -c")) return `OBSERVATION:\n${lines.length}\n`;
  if (text.startsWith("grep")) return [...files.keys()].map((file) => `./${file}:1:def total():`).join("\n");
  if (text.startsWith("view") || text.startsWith("cat -n"))
    return lines.map((line, at) => `${String(at + 1).padStart(6)}\t${line}`).join("\n");
  if (text.startsWith("insert")) lines.splice(fields.insert_line ?? 0, 0, fields.new_str ?? "");
  if (text.startsWith("printf")) lines.push(/printf '%s\\n' '([^']*)'/.exec(text)?.[1] ?? "");
  return text.startsWith("tail") ? lines.slice(-3).join("\n") : "OBSERVATION:\nok";
}

/** Plays until the turn ends; returns what was said last. */
function playTurn(messages: ChatMessage[], toolNames: readonly string[], files: Map<string, string[]>): string {
  for (let turn = 0; turn < 20; turn += 1) {
    const { content, calls } = answerTo(ask(messages, toolNames));
    const [call] = calls;
    messages.push(message("assistant", content, { calls: calls.map((each) => ({ id: `c${turn}`, ...each })) }));
    if (call === undefined) return content;
    const observation = observe(call.name, call.input, files);
    if (call.name === "submit") return content;
    messages.push(message("tool", observation, { toolCallId: `c${turn}` }));
  }
  throw new Error("The turn does not end.");
}

const workspace = () => new Map([["shop/cart.py", ["def total(prices):", "    return sum(prices)"]]]);

describe.each([
  ["the student's tools", STUDENT],
  ["the client's tools", CLIENT],
])("a conversation with %s", (_which, toolNames) => {
  it("looks and changes nothing where nothing is asked for", () => {
    const files = workspace();
    const said = playTurn([message("user", "What does this project do?")], toolNames, files);
    expect(said).toContain('You wrote: "What does this project do?". I read shop/cart.py. I changed nothing.');
    expect(files).toEqual(workspace());
  });

  it("adds one comment where a change is asked for, in the file of the function that is named", () => {
    const files = workspace();
    const said = playTurn([message("user", "Please fix `total` for empty lists.")], toolNames, files);
    expect(said).toContain("I added one comment at the end of shop/cart.py");
    expect(files.get("shop/cart.py")?.slice(2)).toEqual(["# Rehearsal: asked for here: Please fix total for empty lists."]);
  });

  it("answers what is asked next, and remembers the file", () => {
    const files = workspace();
    const messages = [message("user", "<system-reminder>fix everything</system-reminder>"), message("user", "Explain shop/cart.py to me.")];
    expect(playTurn(messages, toolNames, files)).toContain("I changed nothing");
    messages.push(message("user", "Now add a docstring."));
    expect(playTurn(messages, toolNames, files)).toContain("I added one comment at the end of shop/cart.py");
    messages.push(message("user", "Thanks! What did you do?"));
    expect(playTurn(messages, toolNames, files)).toContain('You wrote: "Thanks! What did you do?". I changed nothing.');
    expect(files.get("shop/cart.py")).toHaveLength(3);
  });

  it("ends a turn whatever the client does with its calls, and says the same to the same messages", () => {
    const step = fc.record({
      observation: fc.string({ unit: "binary" }),
      keepsCall: fc.boolean(),
      words: fc.option(fc.constantFrom("and now?", "fix x.py", "<system-reminder>a</system-reminder>"), { nil: null }),
    });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(step, { minLength: 14, maxLength: 20 }), (words, steps) => {
        const messages = [message("user", words)];
        let ended = false;
        for (const { observation, keepsCall } of steps) {
          const answer = answerTo(ask(messages, toolNames));
          expect(answerTo(ask(messages, toolNames))).toEqual(answer);
          expect(answer.content).not.toBe("");
          ended = answer.calls.length === 0 || answer.calls[0]?.name === "submit";
          const calls = keepsCall ? answer.calls.map((call) => ({ id: "c", ...call })) : [{ id: "c", name: "other", input: "{" }];
          messages.push(message("assistant", "", { calls }), message("tool", observation));
        }
        expect(ended).toBe(true);
        for (const { words: more } of steps) if (more !== null) messages.push(message("user", more));
        expect(answerTo(ask(messages, toolNames)).content).not.toBe("");
      }),
      { numRuns: 60 },
    );
  });
});

describe("a request without tools", () => {
  const plain = (...messages: ChatMessage[]) => answerTo(ask(messages, [])).content;

  it("gets a title, a summary, JSON in its schema, or a sentence", () => {
    const question = message("user", "Add a discount to the cart, please");
    expect(plain(message("system", "Give a short title for this session."), question)).toBe("Rehearsal: Add a discount to the");
    const talk = [
      question,
      message("assistant", "I read /testbed/shop/cart.py."),
      message("user", "Write a detailed summary of the conversation."),
    ];
    expect(plain(...talk)).toMatch(/<summary>[^]*"Add a discount to the cart, please"[^]*shop\/cart\.py[^]*<\/summary>$/);
    const schema = {
      type: "object",
      properties: { title: { type: "string" }, kind: { enum: ["a", "b"] }, tags: { type: "array" }, done: { type: "boolean" } },
      required: ["title", "kind", "tags"],
    };
    expect(JSON.parse(answerTo(ask([question], [], schema)).content)).toEqual({
      title: "Rehearsal: Add a discount to the cart, please",
      kind: "a",
      tags: [],
    });
    expect(plain(message("system", "Answer."), question)).toContain('You wrote: "Add a discount to the cart, please"');
    expect(plain(message("user", "hi"))).toBe("ok");
  });
});

describe("readGuestRequest", () => {
  it.each([
    ["Fix the bug in src/app.ts", { path: "src/app.ts", name: null, asksForChange: true }],
    ["What does `Cart.total` do?", { path: null, name: "Cart.total", asksForChange: false }],
    [
      "Look at /testbed/a/b.py but do not change anything, just tell me about parse()",
      { path: "a/b.py", name: "parse", asksForChange: false },
    ],
    ["read ../secret.py", { path: null, name: null, asksForChange: false }],
    ["see https://example.com/x.md", { path: null, name: null, asksForChange: false }],
  ])("%j", (text, found) => {
    expect(readGuestRequest(text)).toMatchObject(found);
  });
});
