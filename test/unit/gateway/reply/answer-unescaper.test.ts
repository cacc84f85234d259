import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeJson, escapeText } from "../../../../core/agent/reserved-literals.ts";
import { createAnswerUnescaper, unescapeAnswer } from "../../../../core/gateway/reply/answer-unescaper.ts";
import { nastyText } from "../../dataset/formats/random-conversation.ts";

interface Delta {
  readonly content?: string;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly { readonly index: number; readonly function: { readonly name?: string; readonly arguments?: string } }[];
}

interface Chunk {
  readonly choices: readonly { readonly index: number; readonly delta: Delta; readonly finish_reason: string | null }[];
}

const event = (index: number, delta: Delta, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c", choices: [{ index, delta, finish_reason: finish }] })}\n\n`;

/** Bytes in pieces of every size, so that lines and characters are cut. */
function through(text: string, sizes: readonly number[]): string {
  const unescaper = createAnswerUnescaper();
  const bytes = Buffer.from(text);
  let told = "";
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    told += unescaper.push(bytes.subarray(at, at + size));
    at += size;
  }
  return told + unescaper.end();
}

/** What a client puts together for each choice. */
function heard(stream: string): Record<string, string> {
  const texts: Record<string, string> = {};
  const add = (name: string, text: string | undefined): void => {
    if (text !== undefined) texts[name] = (texts[name] ?? "") + text;
  };
  for (const line of stream.split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const chunk: Chunk = JSON.parse(line.slice(6));
    for (const { index, delta } of chunk.choices) {
      add(`${index} content`, delta.content);
      add(`${index} thought`, delta.reasoning_content);
      for (const call of delta.tool_calls ?? []) add(`${index} call ${call.index}`, call.function.arguments);
    }
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}

const cut = (text: string, sizes: readonly number[]): readonly string[] => {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
};

const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });

describe("a streamed answer", () => {
  test("property: a client puts the very data together that the model meant, however it is cut", () => {
    const choice = fc.record({
      thought: nastyText,
      content: nastyText,
      inputs: fc.array(nastyText, { maxLength: 2 }),
      hasFinish: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 2 }), sizes, sizes, (choices, tokens, packets) => {
        const streams = choices.map(({ thought, content, inputs, hasFinish }, index) => [
          ...cut(escapeText(thought), tokens).map((piece) => event(index, { reasoning_content: piece })),
          ...cut(escapeText(content), tokens).map((piece) => event(index, { content: piece })),
          ...inputs.flatMap((input, at) => [
            event(index, { tool_calls: [{ index: at, function: { name: "bash" } }] }),
            ...cut(escapeJson(JSON.stringify({ input })), tokens).map((piece) =>
              event(index, { tool_calls: [{ index: at, function: { arguments: piece } }] }),
            ),
          ]),
          ...(hasFinish ? [event(index, {}, "stop")] : []),
        ]);
        // The choices of one answer come in turns.
        const events = Array.from({ length: Math.max(...streams.map((each) => each.length)) }, (_, at) =>
          streams.map((each) => each[at] ?? ""),
        ).flat(2);
        const told = heard(through(`${events.join("")}data: [DONE]\n\n`, packets));
        const expected = choices.flatMap(({ thought, content, inputs }, index) => [
          [`${index} thought`, thought],
          [`${index} content`, content],
          ...inputs.map((input, at) => [`${index} call ${at}`, JSON.stringify({ input })]),
        ]);
        expect(told).toEqual(Object.fromEntries(expected.filter(([, text]) => text !== "") as [string, string][]));
      }),
      { numRuns: 300 },
    );
  });

  test("property: whatever comes, bytes without an escape pass as they are", () => {
    const plain = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("<"));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            plain,
            plain.map((text) => event(0, { content: text })),
            fc.constant("\n"),
          ),
        ),
        sizes,
        (parts, packets) => {
          const text = parts.join("");
          expect(through(text, packets)).toBe(text);
        },
      ),
    );
  });

  test("tells what was held back before the end, and nothing of a chunk that has no choice is lost", () => {
    const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1.0}}\n\n';
    expect(heard(through(event(0, { content: "a <\\thi" }) + event(0, {}, "stop"), [1000]))).toEqual({ "0 content": "a <\\thi" });
    expect(heard(through(event(0, { content: "a <\\" }), [7]))).toEqual({ "0 content": "a <\\" });
    expect(through(event(0, { content: "<" }) + usage, [1000])).toContain(usage);
  });
});

describe("a whole answer", () => {
  test("property: has its data back", () => {
    fc.assert(
      fc.property(nastyText, nastyText, nastyText, (content, thought, input) => {
        const given = (text: (plain: string) => string, json: (plain: string) => string): string =>
          JSON.stringify({
            choices: [
              {
                message: {
                  content: text(content),
                  reasoning: text(thought),
                  tool_calls: [{ id: "1", function: { name: "bash", arguments: json(JSON.stringify({ input })) } }],
                },
              },
            ],
            usage: null,
          });
        const same = (text: string): string => text;
        expect(JSON.parse(unescapeAnswer(given(escapeText, escapeJson)))).toEqual(JSON.parse(given(same, same)));
      }),
    );
  });

  test.each([
    "",
    "<html>",
    '{"choices":null,"x":"<\\\\think>"}',
    '{ "choices" : [], "a": 1.0, "b": "<" }',
    '{"error":{"message":"<\\\\think>"}}',
  ])("that is no completion stays as it is: %s", (text) => {
    expect(unescapeAnswer(text)).toBe(text);
  });
});
