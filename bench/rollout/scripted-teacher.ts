import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A teacher without latency or thought, for measuring what is around it: the n-th reply of a conversation is the n-th command
 * of a fixed script. It speaks the `bash` tool, which the mini toolset and mini-swe-agent share. Runs as a process of its own
 * and prints its address.
 */
const STEPS = Number(process.argv[2] ?? 30);

const COMMANDS = [
  "ls",
  "cat setup.py | head -40",
  "grep -rn 'def simplify' sympy/simplify/simplify.py",
  "sed -n 1,60p sympy/core/basic.py",
  "sed -i '1s/^/# edited\\n/' sympy/core/power.py",
  "git diff --stat",
];
const LAST = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";

function commandAt(turn: number): string {
  return turn >= STEPS ? LAST : COMMANDS[turn % COMMANDS.length]!;
}

interface Chat {
  readonly messages?: readonly { readonly role: string }[];
  readonly stream?: boolean;
  readonly model?: string;
}

let calls = 0;
const usage = { prompt_tokens: 1000, completion_tokens: 20, total_tokens: 1020 };

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.setHeader("content-type", "application/json");
    response.end(
      request.url?.endsWith("/calls") ? String(calls) : JSON.stringify({ object: "list", data: [{ id: "scripted", object: "model" }] }),
    );
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    calls += 1;
    const chat = JSON.parse(Buffer.concat(chunks).toString()) as Chat;
    const turn = (chat.messages ?? []).filter((message) => message.role === "assistant").length;
    const call = {
      id: `call_${turn}`,
      type: "function",
      function: { name: "bash", arguments: JSON.stringify({ command: commandAt(turn) }) },
    };
    const head = { id: `chatcmpl-${calls}`, created: 1, model: chat.model ?? "scripted" };
    if (chat.stream !== true) {
      const message = { role: "assistant", content: "Next.", tool_calls: [call] };
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason: "tool_calls" }], usage }),
      );
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    const chunk = (body: object): string => `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...body })}\n\n`;
    response.end(
      chunk({
        choices: [{ index: 0, delta: { role: "assistant", content: "Next.", tool_calls: [{ index: 0, ...call }] }, finish_reason: null }],
      }) +
        chunk({ choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] }) +
        chunk({ choices: [], usage }) +
        "data: [DONE]\n\n",
    );
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`));
