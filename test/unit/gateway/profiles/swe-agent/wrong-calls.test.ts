import { describe, expect, it } from "vitest";
import { parse } from "../../../../../core/agent/toolsets/swe-agent/parse.ts";
import { replyWith } from "../../../agent/support/hand.ts";
import { brokenRules } from "../../chat-rules.ts";
import { callParts, createConversation } from "./conversation.ts";

function requeryOf(name: string, args: string): string {
  const parsed = parse(replyWith({ name, arguments: args }));
  if (parsed.kind !== "requery") throw new Error("The call is right.");
  return parsed.text;
}

function replied(name: string, args: string) {
  const session = createConversation({ files: { "a.py": "x = 1\n" } });
  session.ask();
  const stop = session.reply(callParts(name, args));
  return { session, stop, messages: session.ask() };
}

describe("a wrong call", () => {
  it.each([
    ["an unknown tool", "open_file", '{"path": "/testbed/a.py"}'],
    ["a tool of the client", "Bash", '{"command": "rm -rf /"}'],
    ["a missing argument", "str_replace_editor", '{"command": "create", "path": "/testbed/b.py"}'],
    ["an unknown argument", "bash", '{"command": "ls", "timeout": 1}'],
    ["an empty command", "bash", '{"command": "  "}'],
    ["an interactive program", "bash", '{"command": "vim a.py"}'],
    ["arguments for submit", "submit", '{"message": "done"}'],
  ])("(%s) runs nothing, and the model reads what the harness says", (_, name, args) => {
    const { session, stop, messages } = replied(name, args);
    expect(stop).toBe("tool_use");
    expect(session.clientCalls).toEqual(["invalid_call"]);
    expect(messages.at(-1)).toMatchObject({ role: "tool", content: requeryOf(name, args) });
    expect(messages.at(-2)).toMatchObject({ role: "assistant", tool_calls: [{ function: { name, arguments: args } }] });
    expect(brokenRules(session.asked.at(-1)!)).toEqual([]);
  });

  it("whose arguments are no JSON is shown where the model wrote it", () => {
    const args = '{"command": "echo <think>';
    const { session, messages } = replied("bash", args);
    expect(session.clientCalls).toEqual(["invalid_call"]);
    expect(messages.slice(-2)).toEqual([
      { role: "assistant", content: `<tool_call>\n{"name": "bash", "arguments": {"command": "echo <\\think>}\n</tool_call>` },
      { role: "user", content: requeryOf("bash", args) },
    ]);
    expect(brokenRules(session.asked.at(-1)!)).toEqual([]);
  });

  it("is repaired where there is one way to do so", () => {
    const { session, messages } = replied("bash", '{"command": "ls",');
    expect(session.clientCalls).toEqual(["invalid_call"]);
    expect(messages.at(-1)!.role).toBe("user");
    const repaired = replied("bash", '{"command": "ls"');
    expect(repaired.session.clientCalls).toEqual(["Bash"]);
    expect(repaired.messages.at(-2)).toMatchObject({ tool_calls: [{ function: { arguments: '{"command": "ls"}' } }] });
  });

  it("that is no call at all comes back as it was", () => {
    const session = createConversation();
    session.ask();
    session.reply([
      { kind: "text", text: "Now:\n" },
      { kind: "unparsed", text: "just <|im_end|> words" },
    ]);
    expect(session.ask().slice(-2)).toEqual([
      { role: "assistant", content: "Now:\n<tool_call>\njust <\\|im_end|> words\n</tool_call>" },
      { role: "user", content: expect.stringContaining("Your last reply held no tool call.") },
    ]);
  });

  it("of a path outside the repository costs no look at the machine", () => {
    const { session, messages } = replied("str_replace_editor", '{"command": "view", "path": "/etc/passwd"}');
    expect(session.clientCalls).toEqual(["invalid_call"]);
    expect(messages.at(-1)!.content).toMatch(/^OBSERVATION:\nThe path \/etc\/passwd is not under \/testbed/);
  });

  it("beside a right one does not keep it from running", () => {
    const session = createConversation();
    session.ask();
    session.reply([...callParts("vi", "{}"), ...callParts("bash", '{"command": "true"}')]);
    const messages = session.ask();
    expect(session.clientCalls).toEqual(["invalid_call", "Bash"]);
    expect(messages.slice(-2).map(({ content }) => content)).toEqual([
      requeryOf("vi", "{}"),
      "OBSERVATION:\nThe command ran to its end and printed nothing.",
    ]);
  });
});
