import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SERVE_TEMPLATE } from "../../../core/dataset/serve-template.ts";
import { GOLDEN_CASES } from "../../golden/cases.ts";
import { goldenOf, readGoldens, toolsOf, turnsOf } from "../../golden/golden.ts";

/** The same files are rendered in Python by test/contract/dataset/serve-template.test.ts and by the trainer's own tests. */
const goldens = readGoldens();

describe("golden renderings", () => {
  test("are those of the cases, and one of a run", () => {
    expect(goldens.map(({ name }) => name)).toEqual([...GOLDEN_CASES.map(({ name }) => name), "rehearsal"].toSorted());
  });

  test.each(GOLDEN_CASES)("$name: the conversation gives these messages and this text", ({ name, turns, tools }) => {
    expect(goldenOf(name, turns, tools)).toEqual(goldens.find((golden) => golden.name === name));
  });

  test.each(goldens)("$name: the messages of the row alone give the same text", (golden) => {
    const { text, text_sha256: hash, trained } = goldenOf(golden.name, turnsOf(golden.messages), toolsOf(golden.tools));
    expect({ text, hash, trained }).toEqual({ text: golden.text, hash: golden.text_sha256, trained: golden.trained });
  });

  test.each(goldens)("$name: what is trained on is the trained replies with their end and nothing else", ({ text, messages, trained }) => {
    const characters = Array.from(text);
    expect(trained).toHaveLength(messages.filter((message) => message.train).length);
    for (const [start, end] of trained) {
      expect(characters.slice(0, start).join("")).toMatch(/<\|im_start\|>assistant\n$/);
      expect(characters.slice(start, end).join("")).toMatch(/^(?:(?!<\|im_).)*<\|im_end\|>$/s);
      expect(characters[end]).toBe("\n");
    }
  });
});

test("batch-images/vllm/serve.jinja is what `npm run docs` writes", () => {
  expect(readFileSync(new URL("../../../batch-images/vllm/serve.jinja", import.meta.url), "utf8")).toBe(SERVE_TEMPLATE);
});
