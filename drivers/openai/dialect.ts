import type { TeacherError } from "../../core/errors/index.ts";
import type { ReasoningPlace } from "./reasoning.ts";

/** What this server turned out to understand. Starts with what vLLM, SGLang and most hosts take; learnt from refusals. */
export interface Dialect {
  readonly stream: boolean;
  /** `stream_options.include_usage`. */
  readonly streamUsage: boolean;
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** How earlier reasoning goes back; null: not at all. */
  readonly reasoning: ReasoningPlace | null;
}

export const FIRST_DIALECT: Dialect = { stream: true, streamUsage: true, maxTokensField: "max_tokens", reasoning: "reasoning_content" };

/** The dialect without the one thing that the server has just refused, or null when the refusal has another reason. */
export function withoutRefused(dialect: Dialect, error: TeacherError): Dialect | null {
  const isRefusal = error.code === "teacher_rejected" && [400, 405, 415, 422, 501].includes(error.status ?? 0);
  // Some gateways answer 501 to what they do not implement.
  if (!isRefusal && !(error.code === "teacher_server" && error.status === 501)) return null;
  const said = error.message;
  if (dialect.streamUsage && /stream_options|include_usage/i.test(said)) return { ...dialect, streamUsage: false };
  if (dialect.maxTokensField === "max_tokens" && /max_completion_tokens/i.test(said))
    return { ...dialect, maxTokensField: "max_completion_tokens" };
  if (dialect.reasoning !== null && /\breasoning(_content)?\b/i.test(said)) return { ...dialect, reasoning: null };
  if (dialect.stream && /\bstream(ing)?\b/i.test(said)) return { ...dialect, stream: false, streamUsage: false };
  return null;
}
