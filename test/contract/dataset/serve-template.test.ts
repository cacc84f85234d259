import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { escapeJson, escapeText } from "../../../core/agent/reserved-literals.ts";
import { chatText, type ChatTextBody, type ChatTextMessage } from "../../../core/dataset/formats/chat-text.ts";
import { SERVE_TEMPLATE } from "../../../core/dataset/serve-template.ts";
import { goldenOf, readGoldens, type GoldenMessage } from "../../golden/golden.ts";
import { trainerPython } from "../../images/python.ts";
import { anyJsonText } from "../../unit/agent/json-text.ts";
import { anyConversation, nastyText, TOOLS } from "../../unit/dataset/formats/random-conversation.ts";

const SCRIPT = fileURLToPath(new URL("../../python/render_chat.py", import.meta.url));
let python: string;

beforeAll(async () => {
  python = await trainerPython();
}, 1_200_000);

interface Chat extends ChatTextBody {
  /** Whether arguments are read before the template sees them, as vLLM does, or not, as TRL does. */
  readonly parsed: boolean;
}

/** What transformers makes of the chats by serve.jinja; null for what the template refuses. */
function renderedByPython(chats: readonly Chat[]): readonly (string | null)[] {
  const input = [SERVE_TEMPLATE, ...chats.map((chat) => ({ add_generation_prompt: true, tools: null, ...chat }))];
  const result = spawnSync(python, [SCRIPT], {
    input: `${input.map((each) => JSON.stringify(each)).join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 1 << 30,
    env: { ...process.env, HF_HUB_OFFLINE: "1", OMP_NUM_THREADS: "1" },
  });
  if (result.status !== 0) throw new Error(`${SCRIPT} failed:\n${result.stderr}`, { cause: result.error });
  const lines = result.stdout.trimEnd().split("\n");
  return lines.map((line): string | null => JSON.parse(line));
}

/** A row's messages with their data escaped: what the trainer and the gateway hand to a template. */
const escaped = (messages: readonly GoldenMessage[]): readonly ChatTextMessage[] =>
  messages.map(({ role, content, reasoning_content: reasoning, tool_calls: calls }) => ({
    role,
    content: escapeText(content),
    reasoning_content: reasoning === null ? null : escapeText(reasoning),
    tool_calls: calls?.map(({ function: { name, arguments: json } }) => ({
      function: { name: escapeText(name), arguments: escapeJson(json) },
    })),
  }));

const escapedTools = (tools: string): ChatTextBody["tools"] => JSON.parse(escapeJson(tools));

describe("serve.jinja in transformers renders", () => {
  test("every golden text, from parsed arguments and from their text", () => {
    const goldens = readGoldens();
    const rendered = renderedByPython(
      goldens.flatMap(({ messages, tools }) =>
        [true, false].map((parsed) => ({ messages: escaped(messages), tools: escapedTools(tools), add_generation_prompt: false, parsed })),
      ),
    );
    expect(rendered).toEqual(goldens.flatMap(({ text }) => [text, text]));
  });

  test("any conversation as the dataset does; each beginning of one as a beginning of its text", () => {
    const conversations = fc.sample(anyConversation, { numRuns: 1_500, seed: 11 });
    const goldens = conversations.map((turns, at) => goldenOf(String(at), turns, at % 3 === 0 ? [] : TOOLS));
    const rows = goldens.map(({ messages, tools }, at) => ({
      messages: escaped(messages),
      tools: escapedTools(tools),
      add_generation_prompt: false,
      parsed: at % 2 === 0,
    }));
    expect(renderedByPython(rows)).toEqual(goldens.map(({ text }) => text));
    // In front of every reply the prompt is what the model has seen so far, and asks for the reply.
    const cuts = goldens.flatMap(({ messages, tools, text }) =>
      messages.flatMap((message, at) =>
        message.role !== "assistant" || at === 0
          ? []
          : [{ chat: { messages: escaped(messages.slice(0, at)), tools: escapedTools(tools), parsed: true }, text }],
      ),
    );
    const prompts = renderedByPython(cuts.map(({ chat }) => chat));
    expect(prompts.filter((prompt, at) => prompt === null || !cuts[at]!.text.startsWith(prompt))).toEqual([]);
    expect(prompts.length).toBeGreaterThan(1_000);
  });

  test("any request as chatText does: odd roles and orders, fields that are null or missing, arguments in any spelling", () => {
    const argumentsText = anyJsonText.filter((text) => text.trim().startsWith("{"));
    const content = fc.option(nastyText, { nil: null });
    const message: fc.Arbitrary<ChatTextMessage> = fc.oneof(
      fc.record({ role: fc.constantFrom("system" as const, "developer" as const, "user" as const, "tool" as const), content }),
      fc.record(
        {
          role: fc.constant("assistant" as const),
          content,
          reasoning: fc.option(nastyText, { nil: null }),
          reasoning_content: fc.option(nastyText, { nil: null }),
          tool_calls: fc.option(
            fc.array(
              fc.record({ function: fc.record({ name: nastyText, arguments: fc.oneof(argumentsText, fc.constantFrom("", "{}")) }) }),
              {
                maxLength: 2,
              },
            ),
            { nil: null },
          ),
        },
        { requiredKeys: ["role"] },
      ),
    );
    const tool = fc.record({
      type: fc.constant("function"),
      function: fc.record(
        {
          name: nastyText,
          description: fc.option(nastyText, { nil: null }),
          parameters: fc.option(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), { nil: null }),
          strict: fc.constant(null),
        },
        { requiredKeys: ["name"] },
      ),
    });
    const chat: fc.Arbitrary<Chat> = fc.record({
      messages: fc.array(message, { maxLength: 5 }),
      tools: fc.option(fc.array(tool, { maxLength: 2 }), { nil: null }),
      add_generation_prompt: fc.boolean(),
      parsed: fc.constant(true),
    });
    // Python keeps the halves of a surrogate pair that JSON escapes; no file and no request of ours holds one.
    const chats = fc
      .sample(chat, { numRuns: 1_500, seed: 12 })
      .map((each): Chat => JSON.parse(JSON.stringify(each)))
      .filter((each) => !/\\+ud[89a-f]/i.test(JSON.stringify(each)));
    expect(chats.length).toBeGreaterThan(1_000);
    expect(renderedByPython(chats)).toEqual(chats.map(chatText));
  });

  test("nothing for a role that it does not know, or a content that is no text", () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a client may send all the same
    const odd = [
      { role: "ipython", content: "x" },
      { role: "user", content: [{ type: "text", text: "x" }] },
    ] as unknown as ChatTextMessage[];
    expect(renderedByPython(odd.map((message) => ({ messages: [message], parsed: false })))).toEqual([null, null]);
  });
});
