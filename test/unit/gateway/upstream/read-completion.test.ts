import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCompletion } from "../../../../core/gateway/upstream/read-completion.ts";
import { StreamBroken } from "../../../../core/gateway/upstream/stream-broken.ts";

const USAGE = { prompt_tokens: 12, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } };

describe("readCompletion", () => {
  it("reads a completion as one chunk", () => {
    const json = {
      choices: [
        {
          index: 0,
          message: {
            content: "Hi",
            reasoning_content: "hm",
            tool_calls: [
              { id: "a", function: { name: "x", arguments: "{}" } },
              { id: "b", function: { name: "y", arguments: "{}" } },
            ],
          },
          finish_reason: "tool_calls",
          stop_reason: null,
        },
      ],
      usage: USAGE,
    };
    expect(readCompletion(json)).toEqual({
      content: "Hi",
      reasoning: { place: "reasoning_content", text: "hm" },
      calls: [
        { index: 0, id: "a", name: "x", arguments: "{}" },
        { index: 1, id: "b", name: "y", arguments: "{}" },
      ],
      finish: { reason: "tool_calls", stop: null },
      usage: { promptTokens: 12, cachedTokens: 4, completionTokens: 3 },
    });
  });

  it.each([[null], [[]], [{}], [{ choices: [] }], [{ usage: USAGE }], [{ error: { message: "no", code: 500 } }]])("refuses %j", (json) => {
    expect(() => readCompletion(json)).toThrow(StreamBroken);
  });

  it("reads any JSON or refuses it in its own way", () => {
    const completion = fc.record({
      choices: fc.array(fc.record({ message: fc.jsonValue(), delta: fc.jsonValue(), finish_reason: fc.jsonValue() })),
      usage: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), completion), (json) => {
        expect(outcome(json)).not.toBe("nothing");
      }),
    );
  });
});

function outcome(json: unknown): "read" | "refused" | "nothing" {
  try {
    return Object.keys(readCompletion(json)).length > 0 ? "read" : "nothing";
  } catch (error) {
    if (error instanceof StreamBroken) return "refused";
    throw error;
  }
}
