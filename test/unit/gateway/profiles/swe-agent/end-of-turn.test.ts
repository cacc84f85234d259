import { describe, expect, it } from "vitest";
import { encodeSignature } from "../../../../../core/gateway/state/signature.ts";
import type { ReplyPart } from "../../../../../core/gateway/reply/part.ts";
import { callParts, createConversation } from "./conversation.ts";

const SUBMIT = callParts("submit", " {}");
const THOUGHT: readonly ReplyPart[] = [
  { kind: "thinking", text: "All right." },
  { kind: "thought", frame: { place: "content", open: "<think>\n", close: "\n</think>\n\n" } },
];

function after(parts: readonly ReplyPart[], finish: "stop" | "calls" | "length" = "calls") {
  const session = createConversation();
  session.ask();
  const stop = session.reply(parts, finish);
  const shown = (session.messages.at(-1)!.content as { type: string; text?: string }[]).map((block) => block.text ?? block.type);
  return { session, stop, shown };
}

describe("submit", () => {
  it.each([
    ["alone", [], "", ["thinking", "The work is done."]],
    ["behind a thought", THOUGHT, "<think>\nAll right.\n</think>\n\n", ["thinking", "The work is done."]],
  ] as [string, ReplyPart[], string, string[]][])(
    "%s ends the turn, and is there when the conversation goes on",
    (_, parts, content, blocks) => {
      const { session, stop, shown } = after([...parts, ...SUBMIT]);
      expect(stop).toBe("end_turn");
      expect(shown).toEqual(blocks);
      expect(session.clientCalls).toEqual([]);
      session.say("One more thing.");
      expect(session.ask().slice(-3)).toEqual([
        {
          role: "assistant",
          content,
          tool_calls: [{ id: "call_0", type: "function", function: { name: "submit", arguments: " {}" } }],
        },
        { role: "tool", tool_call_id: "call_0", content: "OBSERVATION:\nYour work was handed in." },
        { role: "user", content: "One more thing." },
      ]);
    },
  );

  it("beside another call waits for it", () => {
    const { session, stop } = after([...SUBMIT, ...callParts("bash", '{"command": "ls"}')]);
    expect(stop).toBe("tool_use");
    expect(session.ask().at(-2)!.content).toContain("Nothing was submitted");
  });

  it.each([
    ["a text", [], ["I changed f."]],
    ["a thought and a text", THOUGHT, ["thinking", "I changed f."]],
  ] as [string, readonly ReplyPart[], string[]][])(
    "behind %s leaves the text alone, which is what a turn has to end with",
    (_, thought, blocks) => {
      const { session, stop, shown } = after([...thought, { kind: "text", text: "I changed f.\n\n" }, ...SUBMIT]);
      expect([stop, shown]).toEqual(["end_turn", blocks]);
      session.say("Why?");
      const content = `${thought.length === 0 ? "" : "<think>\nAll right.\n</think>\n\n"}I changed f.`;
      expect(session.ask().slice(-2)).toEqual([
        { role: "assistant", content },
        { role: "user", content: "Why?" },
      ]);
    },
  );
});

describe("a reply", () => {
  it("without a call ends the turn with what it says", () => {
    const { session, stop, shown } = after([{ kind: "text", text: "It is in f.\n" }], "stop");
    expect([stop, shown]).toEqual(["end_turn", ["It is in f."]]);
    session.say("Thanks.");
    expect(session.ask().at(-2)).toEqual({ role: "assistant", content: "It is in f." });
  });

  it("that was cut in a call runs no half call, and says so where it says nothing else", () => {
    const cut: ReplyPart[] = [
      { kind: "call", name: "bash" },
      { kind: "arguments", text: '{"command": "rm -rf ' },
      { kind: "called", isWhole: false },
    ];
    const { session, stop, shown } = after(cut, "length");
    expect([stop, session.clientCalls]).toEqual(["max_tokens", []]);
    expect(shown).toEqual(["thinking", expect.stringContaining("length limit")]);
    session.say("Go on.");
    expect(JSON.stringify(session.ask())).not.toContain("length limit");
    expect(after([{ kind: "text", text: "Well:" }, ...cut], "length")).toMatchObject({ stop: "max_tokens", shown: ["Well:"] });
  });

  it("that thinks in a field of its own has its thought back there", () => {
    const { session } = after([
      { kind: "thinking", text: "Hm." },
      { kind: "thought", frame: { place: "reasoning_content" } },
      ...callParts("bash", '{"command": "ls"}'),
    ]);
    expect(session.ask().at(-2)).toMatchObject({ content: "", reasoning_content: "Hm." });
  });

  it("that thinks again behind its words has both thoughts signed where they stand", () => {
    const frame = { place: "reasoning_content" } as const;
    const { shown } = after(
      [
        { kind: "thinking", text: "One." },
        { kind: "thought", frame },
        { kind: "text", text: "First." },
        { kind: "thinking", text: "Two." },
        { kind: "thought", frame },
        { kind: "text", text: "Second." },
      ],
      "stop",
    );
    expect(shown).toEqual(["thinking", "First.", "thinking", "Second."]);
  });

  it("of another model is told as text, without its thoughts", () => {
    const session = createConversation();
    session.messages.push(
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "secret", signature: "EqQBCgIYAhIM" },
          { type: "text", text: "Looking." },
          { type: "tool_use", id: "toolu_01AbC", name: "Grep", input: { pattern: "x" } },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_01AbC", content: "/home/me/my-project/a.py" }] },
    );
    expect(session.ask().slice(-2)).toEqual([
      { role: "assistant", content: 'Looking.\n\n(Called Grep with {"pattern": "x"})' },
      { role: "user", content: "(Grep answered)\n/testbed/a.py" },
    ]);
  });

  it("keeps nothing of a report that a server warms up", () => {
    const { session } = after([{ kind: "text", text: "Hello." }], "stop");
    const blocks = session.messages.at(-1)!.content as object[];
    blocks.unshift({ type: "thinking", thinking: "Waiting for the weights, 30 s", signature: encodeSignature({ kind: "progress" }) });
    session.say("Go on.");
    expect(session.ask().at(-2)).toEqual({ role: "assistant", content: "Hello." });
  });
});
