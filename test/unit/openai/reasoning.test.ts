import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinThinking, splitThinking } from "../../../drivers/openai/reasoning.ts";

describe("splitThinking", () => {
  it.each([
    ["<think>\nhm\n</think>\n\nyes", "hm", "yes"],
    ["  <think>hm</think>yes", "hm", "yes"],
    ["<think>\n\n</think>\n\nyes", null, "yes"],
    ["<think>cut off", "cut off", ""],
    ["yes <think>no</think>", null, "yes <think>no</think>"],
    ["</think>yes", null, "</think>yes"],
    ["<think>a</think>b<think>c</think>", "a", "b<think>c</think>"],
    ["", null, ""],
    ["plain", null, "plain"],
  ])("%j", (text, reasoning, content) => {
    expect(splitThinking(text)).toEqual({ reasoning, content });
  });

  it("gives back what was joined, for any text that does not itself close the block", () => {
    const reasoning = fc
      .string({ unit: "grapheme" })
      .filter((text) => text.trim() !== "" && !text.includes("</think>") && !/^[\r\n]|[\r\n]$/.test(text));
    const content = fc.string({ unit: "grapheme" }).filter((text) => !/^[\r\n]/.test(text));
    fc.assert(
      fc.property(reasoning, content, (thought, said) => {
        expect(splitThinking(joinThinking(thought, said))).toEqual({ reasoning: thought, content: said });
      }),
    );
  });
});
