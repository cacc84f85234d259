import type { ReplyPart } from "../../../../../core/gateway/reply/part.ts";
import { createMessageDocument } from "../../../../../core/gateway/client/message-document.ts";
import { readMessagesRequest } from "../../../../../core/gateway/client/read-request.ts";
import type { ClientBlock, ToolResultBlock } from "../../../../../core/gateway/client/request.ts";
import { sweAgent } from "../../../../../core/gateway/profiles/swe-agent/index.ts";
import type { FinishReason, Plan } from "../../../../../core/gateway/profiles/profile.ts";
import type { ServedModel } from "../../../../../core/gateway/served-model.ts";
import type { ChatMessage, ChatRequest } from "../../../../../core/gateway/upstream/chat-request.ts";
import { createMachine, runCalls, type Generation, type MachineOptions, type SimulatedMachine } from "./simulated-client.ts";
import { servedModel } from "../../../../upstream/served-model.ts";

export const MODEL = servedModel({ profile: "swe-agent", maxOutputTokens: 4_096 });

export interface ConversationOptions {
  readonly generation?: Generation;
  readonly directory?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly task?: string;
  readonly model?: ServedModel;
  readonly bash?: MachineOptions["bash"];
  readonly trims?: MachineOptions["trims"];
}

export interface Conversation {
  readonly machine: SimulatedMachine;
  /** The client's messages, as JSON: tests may put something in between. */
  readonly messages: { role: string; content: unknown }[];
  /** What each model call was asked, in order. */
  readonly asked: ChatRequest[];
  /** Client calls that were made, as `Read`, `Edit`. */
  readonly clientCalls: string[];
  /** Called after every step that the gateway asked for by itself. */
  betweenSteps: () => void;
  plan(changes?: Readonly<Record<string, unknown>>): Plan;
  /** Lets the gateway answer by itself as long as it does, then returns what the model is asked. */
  ask(): readonly ChatMessage[];
  /** The model replies to what was asked last. Returns the stop reason. */
  reply(parts: readonly ReplyPart[], finish?: FinishReason): string;
  say(text: string): void;
  /** One model call with its observation. */
  use(name: string, args: unknown): string;
}

/** A whole session of a simulated Claude Code with the profile, through the gateway's own readers and writers of requests. */
export function createConversation({
  generation = "new",
  directory = "/home/me/my-project",
  files = {},
  task = "Please fix it.",
  model = MODEL,
  bash,
  trims,
}: ConversationOptions = {}): Conversation {
  const machine = createMachine({ generation, directory, files, bash, trims });
  const system = [{ type: "text", text: `You are a test.\n\nWorking directory: ${directory}\n` }];
  const tools = ["Bash", "Read", "Edit", "Write"].map((name) => ({ name, description: name, input_schema: { type: "object" } }));
  const messages: { role: string; content: unknown }[] = [{ role: "user", content: [{ type: "text", text: task }] }];
  const asked: ChatRequest[] = [];
  const clientCalls: string[] = [];
  let lastPlan: Extract<Plan, { kind: "ask" }> | null = null;
  let ids = 0;
  const freshId = () => `u${(ids++).toString(36)}`;

  const plan = (changes: Readonly<Record<string, unknown>> = {}): Plan => {
    const read = readMessagesRequest(
      JSON.parse(JSON.stringify({ model: "student", max_tokens: 4096, system, tools, messages, ...changes })),
    );
    if (!read.ok) throw new Error(read.problem);
    return sweAgent.plan(read.request, model);
  };
  const take = (blocks: readonly ClientBlock[]) => {
    const { kept, results } = runCalls(machine, blocks);
    for (const block of kept) if (block.type === "tool_use") clientCalls.push(block.name);
    messages.push({ role: "assistant", content: kept });
    if (results.length > 0) messages.push({ role: "user", content: results.map(resultJson) });
  };

  const conversation: Conversation = {
    machine,
    messages,
    asked,
    clientCalls,
    betweenSteps: () => {},
    plan,
    ask() {
      for (let rounds = 0; rounds < 100; rounds++) {
        const planned = plan();
        if (planned.kind === "ask") {
          lastPlan = planned;
          asked.push(planned.chat);
          return planned.chat.messages;
        }
        take(planned.reply(freshId).blocks);
        conversation.betweenSteps();
      }
      throw new Error("The gateway goes on and on by itself.");
    },
    reply(parts, finish = "calls") {
      if (lastPlan === null) conversation.ask();
      const document = createMessageDocument({ id: freshId(), model: "student" });
      const reader = lastPlan!.reader(document, freshId);
      for (const part of parts) reader.take(part);
      const end = reader.end(finish, null);
      const { content } = document.end(end, { inputTokens: 1, cacheReadTokens: 0, outputTokens: 1 }) as { content: ClientBlock[] };
      if (content.length > 0) take(content);
      lastPlan = null;
      return end.stopReason;
    },
    say(text) {
      messages.push({ role: "user", content: text });
    },
    use(name, args) {
      conversation.reply(callParts(name, typeof args === "string" ? args : JSON.stringify(args)));
      const last = conversation.ask().at(-1)!;
      return typeof last.content === "string" ? last.content : JSON.stringify(last.content);
    },
  };
  return conversation;
}

export function callParts(name: string, args: string): ReplyPart[] {
  return [
    { kind: "call", name },
    { kind: "arguments", text: args },
    { kind: "called", isWhole: true },
  ];
}

function resultJson({ toolUseId, content, isError }: ToolResultBlock): unknown {
  return {
    type: "tool_result",
    tool_use_id: toolUseId,
    content: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    is_error: isError,
  };
}
