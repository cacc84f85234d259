import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import fc from "fast-check";
import OpenAI from "openai";
import type { ChatCompletionTool } from "openai/resources/chat/completions";
import { afterEach, describe, expect, it } from "vitest";
import { createStreamingParser, parseWhole } from "../../upstream/hermes-parser.ts";
import type { BreakKind, Reply, TestUpstream, UpstreamOptions } from "../../upstream/index.ts";
import { pythonJson } from "../../../core/agent/python-json.ts";
import { exactTokenizer, OVERFLOW_WORDINGS, startUpstream } from "../../upstream/index.ts";

const open: TestUpstream[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((upstream) => upstream.close()));
});

async function serve(options: UpstreamOptions): Promise<{ upstream: TestUpstream; client: OpenAI }> {
  const upstream = await startUpstream(options);
  open.push(upstream);
  return { upstream, client: new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: options.apiKey ?? "none", maxRetries: 0 }) };
}

const TOOLS: ChatCompletionTool[] = [
  { type: "function", function: { name: "bash", description: "Runs.", parameters: { type: "object" } } },
];
const QUESTION = [{ role: "user" as const, content: "Look around, é 😀." }];

async function stream(client: OpenAI, tools: ChatCompletionTool[] = TOOLS) {
  const chunks = await client.chat.completions.create({
    model: "student",
    messages: QUESTION,
    ...(tools.length > 0 ? { tools } : {}),
    stream: true,
    stream_options: { include_usage: true },
  });
  const seen = { content: "", name: "", arguments: "", ids: new Set<string>(), finish: "", usage: 0, chunks: 0 };
  for await (const chunk of chunks) {
    seen.chunks += 1;
    seen.usage += chunk.usage?.completion_tokens ?? 0;
    const [choice] = chunk.choices;
    if (choice === undefined) continue;
    seen.content += choice.delta.content ?? "";
    seen.finish = choice.finish_reason ?? seen.finish;
    for (const call of choice.delta.tool_calls ?? []) {
      if (call.id !== undefined) seen.ids.add(call.id);
      seen.name += call.function?.name ?? "";
      seen.arguments += call.function?.arguments ?? "";
    }
  }
  return seen;
}

const CALL: Reply = {
  thinking: "I look.",
  content: "Let me see.",
  calls: [{ name: "bash", arguments: '{"command":"ls {a,b} \\"é😀\\""}' }],
};

describe("a reply with a call", () => {
  it.each(["token", "bytes", "whole"] as const)("comes as vLLM streams it, written by %s", async (chunking) => {
    const { client } = await serve({ script: [{ ...CALL, chunking }] });
    const seen = await stream(client);
    expect(seen).toMatchObject({
      content: "<think>\nI look.\n</think>\n\nLet me see.\n",
      name: "bash",
      arguments: '{"command":"ls {a,b} \\"é😀\\""}',
      finish: "tool_calls",
    });
    expect([...seen.ids]).toEqual([expect.stringMatching(/^chatcmpl-tool-[0-9a-f]{32}$/)]);
    expect(seen.chunks).toBeGreaterThan(10);
    expect(seen.usage).toBeGreaterThan(10);
  });

  it("is dumped anew by older parsers, and wherever it is not streamed", async () => {
    const { client } = await serve({ script: [CALL], dialect: "dumped" });
    expect((await stream(client)).arguments).toBe('{"command": "ls {a,b} \\"é😀\\""}');
    const whole = await client.chat.completions.create({ model: "student", messages: QUESTION, tools: TOOLS });
    expect(whole.choices[0]?.message.tool_calls).toMatchObject([
      { type: "function", function: { name: "bash", arguments: '{"command": "ls {a,b} \\"é😀\\""}' } },
    ]);
  });

  it("stays in the text where there are no tools, and where the parser missed it", async () => {
    const { client } = await serve({ script: [CALL, { ...CALL, missesCalls: true }] });
    const first = await stream(client, []);
    const second = await stream(client);
    expect(first).toMatchObject({ name: "", finish: "stop", content: expect.stringContaining('<tool_call>\n{"name": "bash"') });
    expect(second).toMatchObject({ name: "", finish: "stop", content: first.content });
  });

  it("ends with the limit of tokens, at a stop text, or as the script says", async () => {
    const { client } = await serve({ script: [{ content: "one two three STOP four" }] });
    const ask = (more: { max_tokens?: number; stop?: string }) =>
      client.chat.completions.create({ model: "student", messages: QUESTION, ...more });
    expect((await ask({ max_tokens: 2 })).choices[0]).toMatchObject({ message: { content: "one two" }, finish_reason: "length" });
    expect((await ask({ stop: "STOP" })).choices[0]).toMatchObject({
      message: { content: "one two three " },
      finish_reason: "stop",
      stop_reason: "STOP",
    });
  });

  it("with broken JSON is a call in a stream and text without one", async () => {
    const { client } = await serve({ script: [{ calls: [{ name: "bash", arguments: '{"command": "ls' }] }] });
    expect(await stream(client)).toMatchObject({ name: "bash", finish: "tool_calls" });
    const whole = await client.chat.completions.create({ model: "student", messages: QUESTION, tools: TOOLS });
    expect(whole.choices[0]).toMatchObject({ message: { content: expect.stringContaining("<tool_call>") }, finish_reason: "stop" });
  });
});

describe("prompts", () => {
  it("are counted alike by usage and /tokenize, and share their beginning with what came before", async () => {
    const { upstream, client } = await serve({ script: [{ content: "fine" }], tokenizer: await exactTokenizer() });
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "You help. ".repeat(30) }, ...QUESTION];
    const first = await client.chat.completions.create({ model: "student", messages });
    messages.push({ role: "assistant", content: "fine" }, { role: "user", content: "And now?" });
    const second = await client.chat.completions.create({ model: "student", messages });
    const counted: unknown = await (
      await fetch(`${upstream.url}/tokenize`, { method: "POST", body: JSON.stringify({ model: "student", messages }) })
    ).json();
    expect(counted).toMatchObject({ count: second.usage?.prompt_tokens, max_model_len: 32_768 });
    const [before, after] = upstream.chats.map(({ chat }) => chat);
    expect(after?.prompt.startsWith(before?.prompt ?? "none")).toBe(true);
    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBe(Math.floor((first.usage?.prompt_tokens ?? 0) / 16) * 16);
  });

  it.each(OVERFLOW_WORDINGS)("that do not fit are refused before the stream begins: %s", async (overflow) => {
    const { upstream, client } = await serve({ script: [{ content: "fine" }], contextTokens: 100, overflow });
    const asked = client.chat.completions.create({
      model: "student",
      messages: [{ role: "user", content: "word ".repeat(300) }],
      max_tokens: 20,
      stream: true,
    });
    await expect(asked).rejects.toMatchObject({ status: 400, type: "BadRequestError", message: expect.stringMatching(/\d{2,}/) });
    expect(upstream.chats).toHaveLength(0);
  });

  it("with a wrong type, a broken argument in the history, or for another model are refused; unknown fields are not", async () => {
    const { upstream } = await serve({ script: [{ content: "fine" }] });
    const post = async (body: unknown): Promise<number> =>
      (
        await fetch(`${upstream.url}/v1/chat/completions`, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify({ model: "student", messages: QUESTION, ...Object(body) }),
        })
      ).status;
    const call = (input: string) => ({
      messages: [
        ...QUESTION,
        { role: "assistant", content: "", tool_calls: [{ id: "1", type: "function", function: { name: "bash", arguments: input } }] },
      ],
    });
    expect(await post("{")).toBe(400);
    expect(await post({ messages: "hi" })).toBe(400);
    expect(await post({ temperature: "hot" })).toBe(400);
    expect(await post({ stream_options: { include_usage: true } })).toBe(400);
    expect(await post(call('{"a": "b'))).toBe(400);
    expect(await post({ model: "another" })).toBe(404);
    expect(await post({ ...call('{"a": "b"}'), new_field: { of: "tomorrow" } })).toBe(200);
  });
});

describe("faults", () => {
  it.each<[BreakKind, RegExp]>([
    ["reset", /terminated|reset|closed|socket/i],
    ["cut", /terminated|reset|closed|socket/i],
    ["error-chunk", /EngineCore/],
  ])("in the midst of a call's arguments: %s", async (how, message) => {
    const { client, upstream } = await serve({ script: [{ ...CALL, breaks: { at: "arguments", how } }] });
    await expect(stream(client)).rejects.toThrow(message);
    await upstream.idle();
    expect(upstream.received.at(-1)?.outcome).toBe("broken");
  });

  it("in the midst of the text: a line that is no JSON, and an end that comes too early", async () => {
    const { client } = await serve({
      script: [
        { ...CALL, breaks: { at: "text", how: "not-json" } },
        { ...CALL, breaks: { at: "arguments", how: "ends" } },
        { ...CALL, omits: ["done", "finish", "usage"] },
      ],
    });
    await expect(stream(client)).rejects.toThrow(/JSON/);
    expect(await stream(client)).toMatchObject({ finish: "", arguments: expect.stringMatching(/^\{"command[^}]*$/) });
    expect(await stream(client)).toMatchObject({ finish: "", usage: 0, arguments: '{"command":"ls {a,b} \\"é😀\\""}' });
  });

  it("notices a client that leaves, and refuses connections when it is told to", async () => {
    const { client, upstream } = await serve({ script: [{ content: "x", breaks: { at: "text", how: "endless" } }, { content: "fine" }] });
    const endless = await client.chat.completions.create({ model: "student", messages: QUESTION, stream: true });
    for await (const _ of endless) if (upstream.received[0]!.chunksSent > 5) break;
    await upstream.idle();
    expect(upstream.received[0]?.outcome).toBe("left");
    await upstream.refuse();
    await expect(client.chat.completions.create({ model: "student", messages: QUESTION })).rejects.toThrow(/Connection/);
    await upstream.accept();
    expect((await client.chat.completions.create({ model: "student", messages: QUESTION })).choices[0]?.message.content).toBe("fine");
  });
});

describe("parseWhole", () => {
  it("drops what stands between and after calls", () => {
    const call = (name: string) => `<tool_call>\n{"name": "${name}", "arguments": {}}\n</tool_call>`;
    expect(parseWhole(`before\n${call("a")} between ${call("b")} after`)).toEqual({
      content: "before\n",
      calls: [
        { name: "a", arguments: "{}" },
        { name: "b", arguments: "{}" },
      ],
    });
  });
});

describe("createStreamingParser", () => {
  it.each(["verbatim", "dumped"] as const)("tells the same however the text is cut: %s", (dialect) => {
    const words = fc.constantFrom("Now ", "é😀", "<tool", "</tool_call>", "\n", "<think>");
    const call = fc.record({ name: fc.constantFrom("bash", "edit"), input: fc.dictionary(fc.string({ minLength: 1 }), fc.string()) });
    fc.assert(
      fc.property(fc.array(words), fc.array(call, { maxLength: 3 }), fc.array(fc.nat({ max: 9 })), (before, calls, cuts) => {
        const texts = calls.map(
          ({ name, input }) => `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(input)}}\n</tool_call>`,
        );
        const text = before.join("") + texts.join("\n");
        const parser = createStreamingParser(dialect);
        const told = { content: "", names: [] as string[], inputs: [] as string[] };
        for (let at = 0, cut = 0; at < text.length; cut += 1) {
          const size = 1 + (cuts[cut % Math.max(1, cuts.length)] ?? 0);
          const parsed = parser.push(text.slice(at, at + size));
          at += size;
          told.content += parsed?.content ?? "";
          for (const part of parsed?.calls ?? []) {
            if (part.name !== undefined) told.names[part.index] = part.name;
            told.inputs[part.index] = (told.inputs[part.index] ?? "") + (part.arguments ?? "");
          }
        }
        const first = text.indexOf("<tool_call>");
        // A beginning of a tag at the very end is held back for good, as in vLLM.
        expect(text.slice(0, first < 0 ? undefined : first).startsWith(told.content)).toBe(true);
        expect(told.names).toEqual(calls.map(({ name }) => name));
        expect(told.inputs.map((input) => JSON.parse(input))).toEqual(calls.map(({ input }) => input));
        const written = (input: object): string =>
          dialect === "verbatim" ? JSON.stringify(input) : (pythonJson(JSON.stringify(input)) ?? "");
        expect(told.inputs).toEqual(calls.map(({ input }) => written(input)));
      }),
    );
  });
});

describe("main.ts", () => {
  it("prints its url and answers", async () => {
    const program = new URL("../../upstream/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [program, "--port", "0", "--model", "m", "--context-tokens", "1000"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line]: string[] = await once(createInterface(child.stdout), "line");
      const { url, model }: { url: string; model: string } = JSON.parse(line ?? "");
      expect(model).toBe("m");
      expect((await fetch(`${url}/health`)).status).toBe(200);
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none" });
      expect((await client.models.list()).data).toMatchObject([{ id: "m", max_model_len: 1000 }]);
      expect((await client.chat.completions.create({ model, messages: QUESTION })).choices[0]?.message.content).toBe(
        "This is the test upstream.",
      );
    } finally {
      child.kill();
      await once(child, "close");
    }
  });
});
