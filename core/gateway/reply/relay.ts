import type { ReplyEnd, ReplySink, ReplyUsage } from "../client/reply.ts";
import type { FinishReason, Plan } from "../profiles/profile.ts";
import type { ServedModel } from "../served-model.ts";
import type { ChatChunk, ChatUsage } from "../upstream/chat-chunk.ts";
import type { ChatTool } from "../upstream/chat-request.ts";
import type { ReplyPart } from "./part.ts";
import type { TakesText } from "./read-call.ts";
import { createReplySplitter } from "./splitter.ts";

/** One answer on its way from the model server's chunks to the client's blocks. */
export interface Relay {
  push(chunks: readonly ChatChunk[]): void;
  /** The answer is complete. Writes what was held back. */
  end(): { readonly end: ReplyEnd; readonly usage: ReplyUsage };
  /** Something of the answer was passed on already, so that it cannot be asked for again unseen. */
  readonly hasOutput: boolean;
}

export type AskPlan = Extract<Plan, { readonly kind: "ask" }>;

/** Joins a plan's reader to the chunks: `sink` gets what the client sees. */
export function createRelay(
  plan: AskPlan,
  model: Pick<ServedModel, "thinking" | "escapesReserved" | "readsCallsInText">,
  sink: ReplySink,
  freshId: () => string,
): Relay {
  const reader = plan.reader(sink, freshId);
  let hasCalls = false;
  let usage: ChatUsage | null = null;
  let finish: ChatChunk["finish"];

  const take = (part: ReplyPart): void => {
    relay.hasOutput = true;
    hasCalls ||= part.kind === "called" && part.isWhole;
    reader.take(part);
  };
  const splitter = createReplySplitter(
    {
      thinking: model.thinking,
      escapesReserved: model.escapesReserved,
      readsCallsInText: model.readsCallsInText && plan.expectsCalls,
      takesText: textParameters(plan.chat.tools ?? []),
    },
    take,
  );

  const relay: { -readonly [K in keyof Relay]: Relay[K] } = {
    hasOutput: false,
    push(chunks) {
      for (const chunk of chunks) {
        usage = chunk.usage ?? usage;
        finish = chunk.finish ?? finish;
        splitter.push(chunk);
      }
    },
    end() {
      splitter.end();
      return { end: reader.end(finishOf(finish?.reason, hasCalls), finish?.stop ?? null), usage: usageOf(usage) };
    },
  };
  return relay;
}

/**
 * Calls are what was found: vLLM says `stop` where its parser missed one, other servers say it always, and some say `tool_calls` where
 * there is none.
 */
function finishOf(reason: string | undefined, hasCalls: boolean): FinishReason {
  switch (reason) {
    case "length":
      return "length";
    case "content_filter":
      return "refused";
    default:
      return hasCalls ? "calls" : "stop";
  }
}

const usageOf = (usage: ChatUsage | null): ReplyUsage => ({
  inputTokens: (usage?.promptTokens ?? 0) - (usage?.cachedTokens ?? 0),
  cacheReadTokens: usage?.cachedTokens ?? 0,
  outputTokens: usage?.completionTokens ?? 0,
});

/**
 * Which parameters take text: those whose schema says so, and none of those that it says anything else of. Read at once, so that the
 * tools, often half of a request, are not kept in memory while the answer comes.
 */
function textParameters(tools: readonly ChatTool[]): TakesText {
  const textOf = new Map<string, ReadonlySet<string>>();
  for (const { function: tool } of tools) {
    if (textOf.has(tool.name)) continue;
    const properties = membersOf(membersOf(tool.parameters)["properties"]);
    textOf.set(tool.name, new Set(Object.keys(properties).filter((name) => isText(membersOf(properties[name])["type"]))));
  }
  return (tool, parameter) => textOf.get(tool)?.has(parameter) === true;
}

const isText = (type: unknown): boolean => type === "string" || (Array.isArray(type) && type.includes("string"));

const membersOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? { ...value } : {});
