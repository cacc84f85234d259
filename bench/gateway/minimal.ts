import { Agent, createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The least that a translating gateway in Node can do: a Messages request becomes one for chat completions, its text tokens become
 * Messages events. No tool calls, no thinking, no errors, no limits. Prints its address.
 */
const upstream = new URL("/v1/chat/completions", process.argv[2]);
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1_024 });

interface Block {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly text?: string;
  readonly input?: object;
  readonly content?: string | readonly Block[];
  readonly tool_use_id?: string;
}
interface Messages {
  readonly model: string;
  readonly max_tokens: number;
  readonly system: readonly Block[];
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[];
  readonly tools: readonly { readonly name: string; readonly description: string; readonly input_schema: object }[];
}

const textOf = (content: string | readonly Block[] | undefined): string =>
  typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n");

function translated({ model, max_tokens, system, messages, tools }: Messages): string {
  const chat: object[] = [{ role: "system", content: textOf(system) }];
  for (const { role, content } of messages) {
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
    const calls = blocks.filter(({ type }) => type === "tool_use");
    for (const { type, tool_use_id, content: result } of blocks) {
      if (type === "tool_result") chat.push({ role: "tool", tool_call_id: tool_use_id, content: textOf(result) });
    }
    const text = textOf(blocks.filter(({ type }) => type === "text"));
    if (calls.length > 0) {
      const tool_calls = calls.map(({ id, name, input }) => ({
        id,
        type: "function",
        function: { name, arguments: JSON.stringify(input) },
      }));
      chat.push({ role, content: text, tool_calls });
    } else if (text !== "") chat.push({ role, content: text });
  }
  const functions = tools.map(({ name, description, input_schema }) => ({
    type: "function",
    function: { name, description, parameters: input_schema },
  }));
  return JSON.stringify({ model, max_tokens, messages: chat, tools: functions, stream: true, stream_options: { include_usage: true } });
}

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

function write(outgoing: ServerResponse, line: string): void {
  if (!line.startsWith("data: ")) return;
  if (line === "data: [DONE]") {
    outgoing.end(
      event("content_block_stop", { index: 0 }) +
        event("message_delta", { delta: { stop_reason: "end_turn" }, usage: {} }) +
        event("message_stop", {}),
    );
    return;
  }
  const { choices } = JSON.parse(line.slice(6)) as { choices: readonly { delta: { content?: string } }[] };
  const text = choices[0]?.delta.content ?? "";
  if (text !== "") outgoing.write(event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }));
}

const server = createServer({ noDelay: true }, (incoming, outgoing) => {
  const parts: Buffer[] = [];
  incoming.on("data", (part: Buffer) => parts.push(part));
  incoming.on("end", () => {
    const body = translated(JSON.parse(Buffer.concat(parts).toString()) as Messages);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const ask = request(upstream, { agent, method: "POST", headers }, (answer) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write(event("message_start", { message: { id: "msg_1", type: "message", role: "assistant", content: [], usage: {} } }));
      outgoing.write(event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }));
      let rest = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) write(outgoing, line);
      });
    });
    ask.on("error", () => outgoing.destroy());
    outgoing.on("close", () => ask.destroy());
    ask.end(body);
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 2_048 }, () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
