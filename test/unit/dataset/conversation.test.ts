import { describe, expect, test } from "vitest";
import { conversationOf } from "../../../core/dataset/conversation.ts";
import { formatNamed } from "../../../core/dataset/formats/index.ts";
import { bash, testStep, testTrajectory } from "./test-data.ts";

const steps = [
  testStep(1, { reasoning: "hm", toolCalls: [bash("a", "x"), bash("b", "y")] }, ["A", "B"]),
  testStep(2, { content: "What?" }, [], "That was no call."),
  testStep(3, {}, ["C"]),
  testStep(4, { toolCalls: [bash("never run")] }, []),
];
const trajectory = testTrajectory("r", { steps });

describe("conversationOf", () => {
  test("leaves out refused replies, their refusals, a reply that nothing came of, and what followed the last one", () => {
    const turns = conversationOf(trajectory);
    expect(turns.map((turn) => turn.role)).toEqual(["system", "user", "assistant", "tools", "assistant"]);
    expect(JSON.stringify(turns)).not.toMatch(/What\?|no call|never run/);
  });

  test("keeps a last word without a call", () => {
    const last = testStep(5, { content: "Done.", toolCalls: [] }, []);
    expect(conversationOf({ prompt: [], steps: [last] })).toMatchObject([{ role: "assistant", content: "Done.", train: true }]);
  });

  test("does not train on replies that the prompt brought along, and groups their results", () => {
    const prompt = [
      { role: "assistant", content: "", reasoning: null, toolCalls: [bash("a", "1"), bash("b", "2")] },
      { role: "tool", toolCallId: "1", content: "A" },
      { role: "tool", toolCallId: "2", content: "B" },
    ] as const;
    expect(conversationOf({ prompt, steps: [] })).toMatchObject([
      { role: "assistant", train: false },
      { role: "tools", results: [{ content: "A" }, { content: "B" }] },
    ]);
  });

  test("reads no arguments at all as {} and replaces lone surrogates", () => {
    const odd = testStep(1, { content: "\ud800", toolCalls: [{ id: "1", name: "bash", arguments: " " }] }, ["\udfff"]);
    expect(conversationOf({ prompt: [], steps: [odd, testStep(2, {})] })).toMatchObject([
      { content: "\ufffd", toolCalls: [{ arguments: "{}" }] },
      { results: [{ content: "\ufffd" }] },
      { role: "assistant" },
    ]);
  });
});

describe("openai", () => {
  test("has a message for every result, in the order of the calls, and every field on each", () => {
    const messages = formatNamed("openai").messages(conversationOf(trajectory), trajectory)!;
    expect(messages.map((message) => message["role"])).toEqual(["system", "user", "assistant", "tool", "tool", "assistant"]);
    expect(messages[2]).toEqual({
      role: "assistant",
      content: "Step 1.",
      reasoning_content: "hm",
      tool_calls: [
        { id: "x", type: "function", function: { name: "bash", arguments: '{"command": "a"}' } },
        { id: "y", type: "function", function: { name: "bash", arguments: '{"command": "b"}' } },
      ],
      tool_call_id: null,
      train: true,
    });
    expect(messages.slice(3, 5)).toMatchObject([
      { content: "A", tool_call_id: "x" },
      { content: "B", tool_call_id: "y" },
    ]);
    const fields = formatNamed("openai").messageFields.map((field) => field.name);
    for (const message of messages) expect(Object.keys(message).toSorted()).toEqual(fields.toSorted());
  });

  test("gives the tools as the parameter of the chat completions API", () => {
    const tools = JSON.parse(formatNamed("openai").tools(trajectory)) as unknown;
    expect(tools).toMatchObject([{ type: "function", function: { name: "bash", parameters: { type: "object" } } }]);
    expect(formatNamed("hermes").tools(trajectory)).toBe("[]");
  });
});

describe("raw", () => {
  test("loses nothing: the steps can be put together again", () => {
    const messages = formatNamed("raw").messages([], trajectory)!;
    interface Rebuilt {
      readonly observations: unknown[];
      requery: unknown;
    }
    const rebuilt: Rebuilt[] = [];
    for (const message of messages.slice(trajectory.prompt.length)) {
      const { content } = message;
      const detail: object = typeof message["detail"] === "string" ? JSON.parse(message["detail"]) : {};
      const step = rebuilt.at(-1);
      if (message["role"] === "assistant") {
        const reply = { role: "assistant", content, reasoning: message["reasoning"], toolCalls: message["tool_calls"] };
        rebuilt.push({ ...detail, ...{ reply }, observations: [], requery: null });
      } else if (message["role"] === "tool") step!.observations.push({ toolCallId: message["tool_call_id"], content, ...detail });
      else step!.requery = content;
    }
    expect(rebuilt).toEqual(steps);
    expect(messages.filter((message) => message["train"]).length).toBe(2);
    expect(messages.filter((message) => message["refused"]).length).toBe(2);
  });
});
