import type { AssistantMessage, Message, ToolDefinition } from "./messages.ts";

export interface Usage {
  /** All input tokens, cached ones included. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

export const NO_USAGE: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

export interface TeacherRequest {
  /** Stable over retries and restarts; sent as Idempotency-Key, and the key of the spend ledger. */
  readonly callId: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly temperature: number;
  readonly maxOutputTokens?: number;
  readonly signal?: AbortSignal;
}

export interface TeacherReply {
  readonly message: AssistantMessage;
  /** As the teacher said it: `stop`, `tool_calls`, `length`, … */
  readonly finishReason: string;
  readonly usage: Usage;
  /** The model name the teacher reports. */
  readonly model: string;
  readonly latencyMs: number;
  /** The server sent no token counts; `usage` is an estimate on the high side. */
  readonly usageEstimated?: true;
  /** True when the teacher says that it is the rehearsal teacher. */
  readonly rehearsal: boolean;
}

/**
 * How the rehearsal teacher says what it is: `system_fingerprint` of its completions and `owned_by` of its models.
 * Not part of the port's contract with real servers; here because its driver and the OpenAI driver both need it.
 */
export const REHEARSAL_MARK = "serac-rehearsal";

/** Port: the model that generates. Throws TeacherError and nothing else; does not retry. */
export interface Teacher {
  chat(request: TeacherRequest): Promise<TeacherReply>;
  /**
   * Asks, without paying for a rollout, whether URL, key and model are right.
   * Throws InputError with a hint for a person when they are not.
   */
  probe(signal?: AbortSignal): Promise<TeacherProbe>;
}

export interface TeacherProbe {
  readonly model: string;
  readonly rehearsal: boolean;
  /** What the server says of its own window, where it does (vLLM: max_model_len). */
  readonly contextTokens: number | null;
}
