import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { toolsetNamed } from "../../../core/agent/toolsets/index.ts";
import type { TeacherRequest } from "../../../core/agent/teacher.ts";
import type { OpenAiTeacher } from "../../../drivers/openai/index.ts";
import { createOpenAiTeacher } from "../../../drivers/openai/index.ts";
import type { FaultMode, RehearsalOptions, RehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { startRehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { teacherConfig } from "./scripted-server.ts";

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of toClose.splice(0).toReversed()) await each.close();
});

async function start(options: Partial<RehearsalOptions> = {}): Promise<RehearsalTeacher> {
  const rehearsal = await startRehearsalTeacher({ seed: 3, ...options });
  toClose.push(rehearsal);
  return rehearsal;
}

function teacherOf(rehearsal: RehearsalTeacher, model = rehearsal.model): OpenAiTeacher {
  const teacher = createOpenAiTeacher({ config: teacherConfig(rehearsal.url, { model, timeoutSeconds: 1 }) });
  toClose.push(teacher);
  return teacher;
}

const toolset = toolsetNamed("swe-agent");
const request = (more: Partial<TeacherRequest> = {}): TeacherRequest => ({
  callId: "r/0",
  temperature: 0.6,
  tools: toolset.tools,
  messages: [
    { role: "system", content: toolset.systemPrompt },
    {
      role: "user",
      content: toolset.instancePrompt({ kind: "complaint", functionName: "total", path: "cart.py", complaint: "Something is odd." }),
    },
  ],
  ...more,
});

describe("the rehearsal teacher", () => {
  it("says the same whole and streamed, and says what it is", async () => {
    const rehearsal = await start();
    const client = new OpenAI({ baseURL: rehearsal.url, apiKey: "none", maxRetries: 0 });
    const body = {
      model: rehearsal.model,
      messages: [{ role: "user" as const, content: "The function `total` in `cart.py` is odd." }],
      tools: [{ type: "function" as const, function: { name: "bash", parameters: {} } }],
    };
    const whole = await client.chat.completions.create(body);
    const streamed = await client.chat.completions.stream(body).finalChatCompletion();
    expect(streamed.choices[0]?.message).toMatchObject({
      content: whole.choices[0]?.message.content,
      tool_calls: [{ function: { name: "bash" } }],
    });
    expect(streamed.choices[0]?.message.tool_calls).toMatchObject(whole.choices[0]?.message.tool_calls ?? []);
    expect([whole.system_fingerprint, streamed.system_fingerprint]).toEqual(["serac-rehearsal", "serac-rehearsal"]);
    expect((await client.models.list()).data).toMatchObject([{ id: "rehearsal", owned_by: "serac-rehearsal" }]);
    const reply = await teacherOf(rehearsal).chat(request());
    expect(reply).toMatchObject({
      rehearsal: true,
      finishReason: "tool_calls",
      message: { toolCalls: [{ name: expect.stringMatching(/bash|str_replace_editor/) }] },
    });
  });

  it("answers a repeated key again and bills it once", async () => {
    const rehearsal = await start({ price: { input: 1, output: 1 } });
    const teacher = teacherOf(rehearsal);
    const [first, again] = [await teacher.chat(request()), await teacher.chat(request())];
    expect(again.message).toEqual(first.message);
    await teacher.chat(request({ callId: "r/1" }));
    expect(rehearsal.stats()).toMatchObject({ requests: 3, paidCalls: 2, repeatedKeys: 1, conflictingKeys: 0 });
    expect(rehearsal.stats().costMicroUsd).toBe(2 * (first.usage.inputTokens + first.usage.outputTokens));
    expect(rehearsal.stats().byPurpose.first.calls).toBe(2);
  });

  it("needs its key when it has one", async () => {
    const rehearsal = await start({ apiKey: "secret" });
    expect((await fetch(`${rehearsal.url}/models`)).status).toBe(401);
    expect((await fetch(`${rehearsal.url}/models`, { headers: { authorization: "Bearer secret" } })).status).toBe(200);
  });

  it.each([
    ["no JSON", "{", 400, /no JSON/],
    ["no messages", "{}", 400, /`model`/],
    ["another model", '{"model":"gpt","messages":[{"role":"user","content":""}]}', 404, /`gpt` does not exist/],
    ["too much", JSON.stringify({ model: "x".repeat(3000) }), 400, /larger than 2000 bytes/],
  ])("refuses %s in OpenAI's shape", async (_what, body, status, message) => {
    const rehearsal = await start({ maxBodyBytes: 2000 });
    for (const sent of [body, new Blob([body]).stream()]) {
      const response = await fetch(`${rehearsal.url}/chat/completions`, { method: "POST", body: sent, duplex: "half" });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({
        error: { message: expect.stringMatching(message), type: expect.any(String) },
      });
    }
    expect((await fetch(`${rehearsal.url}/nothing`)).status).toBe(404);
    expect(rehearsal.stats().paidCalls).toBe(0);
  });

  it("listens on loopback only, and says when the port is taken", async () => {
    const rehearsal = await start();
    const { port, hostname } = new URL(rehearsal.url);
    expect(hostname).toBe("127.0.0.1");
    await expect(startRehearsalTeacher({ seed: 1, port: Number(port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("refuses a prompt beyond its window as vLLM does", async () => {
    const rehearsal = await start({ contextTokens: 2000 });
    const teacher = teacherOf(rehearsal);
    await expect(teacher.chat(request())).resolves.toMatchObject({ rehearsal: true });
    const long = request({ callId: "r/9", messages: [{ role: "user", content: "x".repeat(9000) }] });
    await expect(teacher.chat(long)).rejects.toMatchObject({
      code: "teacher_context_overflow",
      message: expect.stringContaining("maximum context length is 2000 tokens"),
    });
  });
});

describe("faults", () => {
  it.each<[FaultMode, string, boolean]>([
    ["429", "teacher_rate_limit", false],
    ["500", "teacher_server", false],
    ["hang", "teacher_timeout", false],
    ["cut-headers", "teacher_connection", true],
    ["cut-stream", "teacher_connection", true],
    ["not-json", "teacher_bad_reply", true],
  ])("%s fails once as %s, and the same call then succeeds and is paid once", async (mode, code, wasPaid) => {
    const rehearsal = await start({ retryAfterSeconds: 2 });
    const teacher = teacherOf(rehearsal, `rehearsal-fault-${mode}`);
    const error: unknown = await teacher.chat(request()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, isRetryable: true, retryAfterMs: mode === "429" ? 2000 : undefined });
    expect(rehearsal.stats().paidCalls).toBe(wasPaid ? 1 : 0);
    const reply = await teacher.chat(request());
    expect(reply.message).toEqual((await teacherOf(rehearsal).chat({ ...request(), callId: "plain" })).message);
    expect(rehearsal.stats()).toMatchObject({ paidCalls: 2, repeatedKeys: wasPaid ? 1 : 0, conflictingKeys: 0, faults: { [mode]: 1 } });
    const lasting = teacherOf(rehearsal, `rehearsal-fault-${mode}-permanent`);
    await expect(lasting.chat({ ...request(), callId: "lasting" })).rejects.toMatchObject({ code });
    await expect(lasting.chat({ ...request(), callId: "lasting" })).rejects.toMatchObject({ code });
  });

  it.each<[FaultMode, (reply: Awaited<ReturnType<OpenAiTeacher["chat"]>>) => unknown, unknown]>([
    ["bad-arguments", ({ message }) => message.toolCalls[0]?.arguments.endsWith("}"), false],
    ["two-calls", ({ message }) => message.toolCalls.length, 2],
    ["no-call", ({ message }) => message.toolCalls.length, 0],
    ["huge-output", ({ message }) => message.toolCalls[0]?.arguments.includes("10000000"), true],
    ["huge-reply", ({ message }) => message.content.length > 9_900_000, true],
  ])("%s spoils a paid reply", async (mode, look, expected) => {
    const rehearsal = await start();
    expect(look(await teacherOf(rehearsal, `rehearsal-fault-${mode}-permanent`).chat(request()))).toEqual(expected);
    expect(rehearsal.stats()).toMatchObject({ paidCalls: 1, faults: { [mode]: 1 } });
  });

  it("context-overflow is refused and not paid", async () => {
    const rehearsal = await start();
    await expect(teacherOf(rehearsal, "rehearsal-fault-context-overflow-permanent").chat(request())).rejects.toMatchObject({
      code: "teacher_context_overflow",
    });
    expect(rehearsal.stats().paidCalls).toBe(0);
  });

  it("strike by option, every n-th call", async () => {
    const rehearsal = await start({ faults: [{ mode: "500", everyNth: 3 }] });
    const teacher = teacherOf(rehearsal);
    const outcomes: string[] = [];
    for (let call = 0; call < 6; call += 1)
      outcomes.push(
        await teacher.chat(request({ callId: `r/${call}` })).then(
          () => "ok",
          (error: { code: string }) => error.code,
        ),
      );
    expect(outcomes).toEqual(["ok", "ok", "teacher_server", "ok", "ok", "teacher_server"]);
  });

  it("do not keep the server from closing", async () => {
    const rehearsal = await start({ latencyMs: 600_000 });
    const open = [teacherOf(rehearsal, "rehearsal-fault-hang").chat(request()), teacherOf(rehearsal).chat(request({ callId: "r/2" }))].map(
      (call) => call.catch((error: { code: string }) => error.code),
    );
    await expect.poll(() => rehearsal.stats().requests).toBe(2);
    await rehearsal.close();
    await rehearsal.close();
    expect(await Promise.all(open)).toEqual([
      expect.stringMatching(/teacher_(?:connection|timeout)/),
      expect.stringMatching(/teacher_(?:connection|timeout)/),
    ]);
  });
});
