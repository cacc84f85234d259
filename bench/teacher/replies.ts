import { fork } from "node:child_process";
import { Agent, request } from "undici";
import * as z from "zod";
import { toolsetNamed } from "../../core/agent/toolsets/index.ts";
import { startRehearsalTeacher } from "../../drivers/rehearsal/index.ts";

/**
 * How many replies a second the rehearsal teacher gives on one core: the client runs in a process of its own. Prints
 * one line of JSON. Usage: node bench/teacher/replies.ts [seconds]
 */

const CONNECTIONS = 32;

const TOOLSET = toolsetNamed("swe-agent");
const TOOLS = TOOLSET.tools.map((tool) => ({ type: "function", function: tool }));
const SOURCE = Array.from(
  { length: 60 },
  (_, index) => `${String(index + 1).padStart(6)}\t    value_${index} = compute(${index}) if flag else None`,
).join("\n");

/** A rollout before its eighth step, as the teacher itself played it; each observation shows a file of 60 lines. */
async function conversation(url: string): Promise<unknown[]> {
  const task = {
    kind: "complaint" as const,
    functionName: "Basket.total",
    path: "shop/basket.py",
    complaint: "Something about totals is not as it should be.",
  };
  const messages: unknown[] = [
    { role: "system", content: TOOLSET.systemPrompt },
    { role: "user", content: TOOLSET.instancePrompt(task) },
  ];
  for (let turn = 0; turn < 7; turn += 1) {
    const response = await request(`${url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "rehearsal", messages, tools: TOOLS }),
    });
    const { choices } = replySchema.parse(await response.body.json());
    messages.push(choices[0].message, {
      role: "tool",
      tool_call_id: choices[0].message.tool_calls[0].id,
      content: `OBSERVATION:\n${SOURCE}`,
    });
  }
  return messages;
}

const replySchema = z.object({
  choices: z.tuple([z.object({ message: z.looseObject({ tool_calls: z.tuple([z.looseObject({ id: z.string() })]) }) })]),
});
const resultSchema = z.object({ replies: z.number(), bodyBytes: z.number() });

async function client(url: string, seconds: number): Promise<void> {
  const messages = await conversation(url);
  const dispatcher = new Agent({ connections: CONNECTIONS });
  const until = performance.now() + seconds * 1000;
  let replies = 0;
  const work = async (worker: number): Promise<void> => {
    for (let call = 0; performance.now() < until; call += 1) {
      const body = { model: "rehearsal", stream: true, messages, tools: TOOLS };
      const headers = { "content-type": "application/json", "idempotency-key": `${worker}/${call}` };
      const response = await request(`${url}/chat/completions`, { method: "POST", headers, body: JSON.stringify(body), dispatcher });
      await response.body.text();
      if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
      replies += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, worker) => work(worker)));
  process.send?.({ replies, bodyBytes: JSON.stringify(messages).length });
  await dispatcher.destroy();
}

async function main(seconds: number): Promise<void> {
  const teacher = await startRehearsalTeacher({ seed: 1 });
  const child = fork(import.meta.filename, ["--client", teacher.url, String(seconds)]);
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const result = await new Promise<z.infer<typeof resultSchema>>((resolve, reject) => {
    child.once("message", (message) => resolve(resultSchema.parse(message)));
    child.once("exit", (code) => reject(new Error(`The client ended with ${code}.`)));
  });
  const cpu = process.cpuUsage(before);
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  const report = {
    replies: result.replies,
    conversationBytes: result.bodyBytes,
    repliesPerSecond: Math.round(result.replies / elapsedSeconds),
    repliesPerCpuSecond: Math.round(result.replies / cpuSeconds),
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
  };
  console.log(JSON.stringify(report));
  await teacher.close();
}

const [, , mode, url, seconds] = process.argv;
if (mode === "--client") await client(url ?? "", Number(seconds));
else await main(Number(mode ?? 5));
