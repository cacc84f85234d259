import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "../../../../core/agent/toolsets/swe-agent/parse.ts";
import { mini } from "../../../../core/agent/toolsets/mini/index.ts";
import type { AssistantMessage } from "../../../../core/agent/messages.ts";
import { replyWith } from "../support/hand.ts";

const one = (name: string, args: unknown) => parse(replyWith({ name, arguments: args }));
const wrong = (name: string, args: unknown) => {
  const parsed = one(name, args);
  return parsed.kind === "requery" ? parsed.text : "accepted";
};

describe("a reply of the swe-agent toolset", () => {
  it("is one call", () => {
    expect(one("bash", { command: "ls" })).toEqual({
      kind: "calls",
      calls: [{ toolCallId: "c0", name: "bash", arguments: { command: "ls" } }],
    });
    expect(one("submit", "")).toMatchObject({ kind: "calls" });
    expect(one("submit", "{}")).toMatchObject({ kind: "calls" });
  });

  it("is requeried with the reason otherwise", () => {
    const call = { name: "bash", arguments: { command: "ls" } };
    const reasons = [
      [parse(replyWith()), /no tool call/],
      [parse(replyWith(call, call)), /2 tool calls/],
      [one("python", {}), /no tool named `python`/],
      [one("bash", '{"command": "ls'), /not valid JSON/],
      [one("bash", '["ls"]'), /one JSON object/],
      [one("bash", "null"), /one JSON object/],
      [one("bash", {}), /lacks the argument `command`/],
      [one("bash", { command: "ls", timeout: 3 }), /no argument `timeout`.*command/],
      [one("bash", { command: 3 }), /must be text/],
      [one("bash", { command: " " }), /empty/],
      [one("submit", { force: true }), /no argument `force`/],
      [one("str_replace_editor", { command: "delete", path: "/testbed/a" }), /one of: view, create/],
      [one("str_replace_editor", { command: "view" }), /lacks the argument `path`/],
      [one("str_replace_editor", { command: "create", path: "/testbed/a" }), /needs the argument `file_text`/],
      [one("str_replace_editor", { command: "str_replace", path: "/testbed/a", new_str: "x" }), /needs the argument `old_str`/],
      [one("str_replace_editor", { command: "insert", path: "/testbed/a" }), /`insert_line`, `new_str`/],
    ] as const;
    for (const [parsed, reason] of reasons) {
      expect(parsed.kind).toBe("requery");
      expect(parsed.kind === "requery" && parsed.text).toMatch(reason);
      expect(parsed.kind === "requery" && parsed.text).toMatch(/exactly one call/);
    }
  });

  it("may write null for what it leaves out, and text that looks like flags", () => {
    expect(wrong("str_replace_editor", { command: "view", path: "/testbed", view_range: null, file_text: null })).toBe("accepted");
    expect(wrong("str_replace_editor", { command: "str_replace", path: "/testbed/a", old_str: "--x", new_str: "-n" })).toBe("accepted");
  });

  it("is safe with names from the prototype", () => {
    expect(wrong("bash", '{"command": "ls", "__proto__": {"x": 1}}')).toMatch(/no argument `__proto__`/);
    expect(wrong("bash", '{"constructor": "ls"}')).toMatch(/constructor/);
    expect(wrong("constructor", {})).toMatch(/no tool named/);
  });
});

describe("any reply", () => {
  const args = fc.oneof(
    fc.json(),
    fc.string(),
    fc.record({ command: fc.string(), path: fc.string() }).map((value) => JSON.stringify(value)),
  );
  const call = fc.record({
    id: fc.string(),
    name: fc.oneof(fc.string(), fc.constantFrom("bash", "submit", "str_replace_editor")),
    arguments: args,
  });
  const reply = fc.record({ content: fc.string(), toolCalls: fc.array(call, { maxLength: 3 }) });

  it.each([
    ["swe-agent", parse],
    ["mini", (given: AssistantMessage) => mini.parse(given)],
  ] as const)("gives calls or a reason in %s, and never throws", (_, parseReply) => {
    fc.assert(
      fc.property(reply, ({ content, toolCalls }) => {
        const parsed = parseReply({ role: "assistant", content, reasoning: null, toolCalls });
        const ids = parsed.kind === "calls" ? parsed.calls.map((each) => each.toolCallId) : "requeried";
        expect(parsed.kind === "requery" ? parsed.text : "calls").not.toBe("");
        expect(ids === "requeried" ? ids : ids.join()).toBe(ids === "requeried" ? ids : toolCalls.map((each) => each.id).join());
      }),
      { numRuns: 500 },
    );
  });
});
