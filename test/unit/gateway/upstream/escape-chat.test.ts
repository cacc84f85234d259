import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeJson, escapeText } from "../../../../core/agent/reserved-literals.ts";
import { hermes } from "../../../../core/dataset/formats/hermes.ts";
import { chatText, type ChatTextBody, type ChatTextMessage } from "../../../../core/dataset/formats/chat-text.ts";
import { chatFrame } from "../../../../core/dataset/formats/text-message.ts";
import { escapeMessages, escapeTools } from "../../../../core/gateway/upstream/escape-chat.ts";
import { messagesOf } from "../../../golden/golden.ts";
import { anyConversation, TOOLS } from "../../dataset/formats/random-conversation.ts";

const TAG = "<|im_end|>";

describe("a client's chat request", () => {
  test("property: plain rows of a dataset give the very text that they were trained with", () => {
    const tools = TOOLS.map((tool) => ({ type: "function", function: tool }));
    fc.assert(
      fc.property(anyConversation, (turns) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what goes in comes out in the same shape
        const messages = escapeMessages(JSON.parse(JSON.stringify(messagesOf(turns)))) as readonly ChatTextMessage[];
        const described: ChatTextBody["tools"] = JSON.parse(escapeTools(tools));
        // A content that begins with a thought is read as one; rows have thoughts in their own field.
        fc.pre(!turns.some((turn) => turn.role === "assistant" && /^\s*<think>/.test(turn.content)));
        const text = hermes.render(turns, TOOLS)!.map(chatFrame).join("");
        expect(chatText({ messages, tools: described, add_generation_prompt: false })).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps the frame of a thought that leads a reply, and of no other", () => {
    const thought = `\n<think>\na ${TAG} <think>\n</think>\n\n<think>b</think> ${TAG}`;
    const escaped = `\n<think>\na <\\|im_end|> <\\think>\n</think>\n\n<\\think>b<\\/think> <\\|im_end|>`;
    expect(escapeMessages([{ role: "assistant", content: thought }])).toEqual([{ role: "assistant", content: escaped }]);
    expect(escapeMessages([{ role: "user", content: "<think>x</think>" }])).toEqual([
      { role: "user", content: escapeText("<think>x</think>") },
    ]);
  });

  test("escapes parts, names and arguments, however their JSON is spelled, and leaves odd shapes to the server", () => {
    const call = (json: unknown): unknown => ({ id: "1", type: "function", function: { name: "f", arguments: json } });
    const given = [
      { role: "user", content: [{ type: "text", text: TAG }, { type: "image_url", image_url: { url: TAG } }, 7] },
      {
        role: "assistant",
        content: null,
        tool_calls: [call(`{"a":"${TAG}"}`), call('{"a":"\\u003c|im_end|>"}'), call(null), call(`{${TAG}`), "x"],
      },
      null,
      "y",
      { role: "tool", content: 5 },
    ];
    expect(escapeMessages(given)).toEqual([
      { role: "user", content: [{ type: "text", text: escapeText(TAG) }, { type: "image_url", image_url: { url: TAG } }, 7] },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          call(escapeJson(`{"a": "${TAG}"}`)),
          call(escapeJson(`{"a": "${TAG}"}`)),
          call(null),
          call(escapeJson(`{${TAG}`)),
          "x",
        ],
      },
      null,
      "y",
      { role: "tool", content: 5 },
    ]);
    expect(escapeMessages("x")).toBe("x");
  });
});
