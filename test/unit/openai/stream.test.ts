import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readStream } from "../../../drivers/openai/stream.ts";

const LIMITS = { maxReplyBytes: 1_000_000, key: undefined };
const URL = "http://teacher.test/v1";

const eventOf = (delta: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;

/** An answer in pieces, as servers in languages of UTF-16 cut it. */
function streamOf(deltas: readonly object[]): ReadableStream<Uint8Array> {
  const end = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  const text = `${deltas.map(eventOf).join("")}data: ${end}\n\ndata: [DONE]\n\n`;
  return new Blob([text]).stream();
}

const units = (text: string): string[] => text.split("");

test("a text is the same wherever it is cut, also in the midst of a character", async () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(text, text, text, async (content, reasoning, args) => {
      const deltas = [
        ...units(reasoning).map((piece) => ({ reasoning_content: piece })),
        ...units(content).map((piece) => ({ content: piece })),
        ...units(args).map((piece) => ({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: piece } }] })),
      ];
      const reply = await readStream(streamOf(deltas), URL, LIMITS);
      expect(reply).toMatchObject({
        content,
        reasoningContent: reasoning,
        toolCalls: [{ id: "c", name: "f", arguments: args }],
        finishReason: "stop",
      });
    }),
    { numRuns: 50 },
  );
});

test("half a character that stays alone becomes one that can be written", async () => {
  const { content } = await readStream(streamOf([{ content: "a\ud83d" }, { content: "b" }]), URL, LIMITS);
  expect(content).toBe("a\ufffdb");
});
