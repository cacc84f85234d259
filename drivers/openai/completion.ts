import { createHash } from "node:crypto";
import type { AssistantMessage, ToolCall } from "../../core/agent/messages.ts";
import type { Usage } from "../../core/agent/teacher.ts";
import { TeacherError } from "../../core/errors/index.ts";
import { fieldsOf, isFields, listOf, pieceOf, textOf } from "./fields.ts";
import type { ReasoningPlace } from "./reasoning.ts";
import { nonBlank, splitThinking } from "./reasoning.ts";
import { quoteServer } from "./redact.ts";
import { usageOf } from "./usage.ts";

/** A chat completion as it came over the wire, streamed or whole, before it becomes a message. */
export interface RawCompletion {
  readonly content: string;
  readonly reasoningContent: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  readonly model: string;
  readonly fingerprint: string;
}

/** More calls in one reply are no plan but a runaway. */
export const MAX_TOOL_CALLS = 128;

/** Reads the body of a completion that was not streamed. Throws TeacherError("teacher_bad_reply"). */
export function parseCompletion(text: string, url: string, key: string | undefined): RawCompletion {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badReply(url, `no JSON (${quoteServer(text, key).slice(0, 60)}…)`, cause);
  }
  const body = fieldsOf(json);
  const choice = fieldsOf(listOf(body["choices"])[0]);
  if (!isFields(choice["message"])) throw badReply(url, "no choice with a message");
  const message = choice["message"];
  const calls = listOf(message["tool_calls"]);
  if (calls.length > MAX_TOOL_CALLS) throw badReply(url, `${calls.length} tool calls`);
  return {
    content: contentOf(message["content"]).toWellFormed(),
    reasoningContent: textOf(message["reasoning_content"]),
    reasoning: textOf(message["reasoning"]),
    toolCalls: calls.map((call) => {
      const called = fieldsOf(fieldsOf(call)["function"]);
      return { id: textOf(fieldsOf(call)["id"]), name: textOf(called["name"]), arguments: argumentsOf(called["arguments"]).toWellFormed() };
    }),
    finishReason: typeof choice["finish_reason"] === "string" ? choice["finish_reason"] : null,
    usage: usageOf(body["usage"]),
    model: textOf(body["model"]),
    fingerprint: textOf(body["system_fingerprint"]),
  };
}

/** The message as serac keeps it, and where its reasoning came from. */
export function messageOf(
  raw: RawCompletion,
  callId: string,
): { readonly message: AssistantMessage; readonly place: ReasoningPlace | null } {
  const toolCalls = withIds(raw.toolCalls, callId);
  const given = nonBlank(raw.reasoningContent) ?? nonBlank(raw.reasoning);
  if (given !== null) {
    const place = given === raw.reasoningContent ? "reasoning_content" : "reasoning";
    return { message: { role: "assistant", content: raw.content, reasoning: given, toolCalls }, place };
  }
  const { reasoning, content } = splitThinking(raw.content);
  return { message: { role: "assistant", content, reasoning, toolCalls }, place: reasoning === null ? null : "think" };
}

/** History must name every call; servers that send no id, or one id twice, get ids that depend on the call alone. */
function withIds(calls: readonly ToolCall[], callId: string): readonly ToolCall[] {
  const seen = new Set<string>();
  return calls.map((call, index) => {
    const isUsable = call.id !== "" && !seen.has(call.id);
    const id = isUsable ? call.id : `call_${createHash("sha256").update(`${callId}#${index}`).digest("hex").slice(0, 24)}`;
    seen.add(id);
    return { ...call, id };
  });
}

/** Text, or the text parts of the newer list form; whole or a piece. */
export function contentOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((part) => pieceOf(fieldsOf(part)["text"])).join("");
  return pieceOf(value);
}

/** Text as it is; the few servers that send an object lose nothing but its spelling. */
export const argumentsOf = (value: unknown): string => (isFields(value) ? JSON.stringify(value) : pieceOf(value));

export function badReply(url: string, what: string, cause?: unknown): TeacherError {
  return new TeacherError("teacher_bad_reply", `The teacher at ${url} sent ${what}, which is not a chat completion.`, {
    hint: "Does teacher.baseUrl point to an OpenAI-compatible server?",
    cause,
  });
}
