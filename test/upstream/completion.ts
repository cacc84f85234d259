import type { Generation } from "./generation.ts";
import type { HermesDialect } from "./hermes-parser.ts";
import { createStreamingParser, parseWhole } from "./hermes-parser.ts";
import type { Reply, Usage } from "./reply.ts";

export interface CompletionFrame {
  /** `chatcmpl-…`. */
  readonly id: string;
  /** Seconds. */
  readonly created: number;
  readonly model: string;
}

export interface CompletionOptions {
  readonly frame: CompletionFrame;
  readonly reply: Reply;
  readonly generation: Generation;
  /** Null: calls stay in the text (no tools, `tool_choice: "none"`, or a parser that missed them). */
  readonly dialect: HermesDialect | null;
  /** A named tool was asked for: vLLM then ends with `stop`. */
  readonly isNamedChoice: boolean;
  readonly freshCallId: () => string;
}

/** A chunk of the stream, with what a scripted break needs to know of it. */
export interface StreamChunk {
  readonly kind: "role" | "text" | "arguments" | "finish" | "usage";
  readonly json: string;
}

/** Chunks as vLLM's chat_completion_stream_generator makes them, the usage chunk apart. */
export function streamChunks(options: CompletionOptions): StreamChunk[] {
  const { frame, reply, generation, dialect } = options;
  const chunk = (kind: StreamChunk["kind"], delta: unknown, more: Record<string, unknown> = {}): StreamChunk => ({
    kind,
    json: JSON.stringify({
      ...envelope(frame, "chat.completion.chunk"),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...more }],
      ...(kind === "role" ? { prompt_token_ids: null } : {}),
    }),
  });
  const chunks = [chunk("role", { role: "assistant", content: "" })];
  const field = reply.reasoningField ?? "reasoning_content";
  for (const token of generation.reasoning) chunks.push(chunk("text", { [field]: token }));
  const parser = dialect === null || reply.missesCalls === true ? null : createStreamingParser(dialect);
  let hasCalls = false;
  for (const token of generation.tokens) {
    if (parser === null) {
      chunks.push(chunk("text", { content: token }));
      continue;
    }
    const parsed = parser.push(token);
    if (parsed === null) continue;
    const calls = parsed.calls.map((call) => ({
      index: call.index,
      ...(call.name === undefined ? {} : { id: reply.callIds?.[call.index] ?? options.freshCallId(), type: "function" }),
      function: call.name === undefined ? { arguments: call.arguments } : { name: call.name },
    }));
    hasCalls ||= calls.length > 0;
    // Both fields are told whenever a parser has run, empty or not.
    chunks.push(
      chunk(calls.some((call) => "arguments" in call.function) ? "arguments" : "text", {
        content: parsed.content === "" ? null : parsed.content,
        tool_calls: calls,
      }),
    );
  }
  const finish = { finish_reason: finishReason(options, hasCalls), stop_reason: reply.stopReason ?? generation.stopReason };
  chunks.push(chunk("finish", parser === null ? { content: "" } : {}, finish));
  return chunks;
}

/** The last chunk, without choices. */
export function usageChunk(frame: CompletionFrame, usage: Usage): StreamChunk {
  return { kind: "usage", json: JSON.stringify({ ...envelope(frame, "chat.completion.chunk"), choices: [], usage: usageJson(usage) }) };
}

/** The body of an answer that is not streamed. */
export function completionBody(options: CompletionOptions, usage: Usage | null): string {
  const { frame, reply, generation, dialect } = options;
  const text = generation.tokens.join("");
  const parsed = dialect === null || reply.missesCalls === true ? { content: text, calls: [] } : parseWhole(text);
  const calls = parsed.calls.map((call, index) => ({
    id: reply.callIds?.[index] ?? options.freshCallId(),
    type: "function",
    function: call,
  }));
  const reasoning = generation.reasoning.join("");
  return JSON.stringify({
    ...envelope(frame, "chat.completion"),
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: parsed.content === "" && calls.length > 0 ? null : parsed.content,
          refusal: null,
          annotations: null,
          tool_calls: calls,
          [reply.reasoningField ?? "reasoning"]: reasoning === "" ? null : reasoning,
        },
        logprobs: null,
        finish_reason: finishReason(options, calls.length > 0),
        stop_reason: reply.stopReason ?? generation.stopReason,
      },
    ],
    service_tier: null,
    usage: usage === null ? null : usageJson(usage),
    prompt_logprobs: null,
    kv_transfer_params: null,
  });
}

function finishReason({ reply, generation, isNamedChoice }: CompletionOptions, hasCalls: boolean): string {
  if (reply.finishReason !== undefined) return reply.finishReason;
  return hasCalls && generation.finish === "stop" && !isNamedChoice ? "tool_calls" : generation.finish;
}

const envelope = ({ id, created, model }: CompletionFrame, object: string): Record<string, unknown> => ({ id, object, created, model });

/** Cached tokens are told only by servers started with --enable-prompt-tokens-details; this one is. */
const usageJson = ({ promptTokens, cachedTokens, completionTokens }: Usage): Record<string, unknown> => ({
  prompt_tokens: promptTokens,
  total_tokens: promptTokens + completionTokens,
  completion_tokens: completionTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens },
});
