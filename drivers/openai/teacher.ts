import OpenAI from "openai";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";
import type { Teacher, TeacherReply, TeacherRequest } from "../../core/agent/teacher.ts";
import { REHEARSAL_MARK } from "../../core/agent/teacher.ts";
import type { TeacherConfig } from "../../core/config/schema.ts";
import { TeacherError } from "../../core/errors/index.ts";
import { parseAddress } from "./address.ts";
import type { RawCompletion } from "./completion.ts";
import { messageOf, parseCompletion } from "./completion.ts";
import type { Dialect } from "./dialect.ts";
import { FIRST_DIALECT, withoutRefused } from "./dialect.ts";
import type { CallOutcome, LimiterStatus } from "./limiter.ts";
import { createLimiter } from "./limiter.ts";
import { createLine } from "./line.ts";
import { errorOfLine } from "./line-error.ts";
import { probeTeacher } from "./probe.ts";
import { requestBody } from "./request.ts";
import { readStream } from "./stream.ts";
import { estimateUsage } from "./usage.ts";

export interface OpenAiTeacherOptions {
  readonly config: TeacherConfig;
  /** Sent as a bearer token; never shown in a message. */
  readonly apiKey?: string;
  /** Longest reply that is kept in memory; 16 MB. */
  readonly maxReplyBytes?: number;
}

export interface OpenAiTeacher extends Teacher {
  /** Calls allowed at once now, running and waiting: for `status`. */
  concurrency(): LimiterStatus;
  /** Ends calls under way and closes the connections. */
  close(): Promise<void>;
}

const MAX_REPLY_BYTES = 16 * 1024 * 1024;
/** A reply may trickle for this many times the silence that counts as a timeout. */
const TOTAL_TIMEOUTS = 6;
/** The client's own timer must never fire before ours. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * The teacher behind any OpenAI-compatible URL. `chat` waits for its turn (adaptive concurrency), makes one request, or
 * a few when the server refuses an optional feature, and does not retry. Throws InputError for a URL with credentials.
 */
export function createOpenAiTeacher({ config, apiKey, maxReplyBytes = MAX_REPLY_BYTES }: OpenAiTeacherOptions): OpenAiTeacher {
  const { baseUrl: url, query } = parseAddress(config.baseUrl);
  const silenceMs = config.timeoutSeconds * 1000;
  const line = createLine(url, apiKey, { silenceMs, totalMs: silenceMs * TOTAL_TIMEOUTS, maxReplyBytes });
  const limiter = createLimiter(config.concurrency);
  const client = new OpenAI({
    baseURL: url,
    apiKey: apiKey || "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    defaultQuery: query,
    maxRetries: 0,
    timeout: NEVER_MS,
    logLevel: "off",
    fetch: line.fetch,
  });
  let dialect: Dialect = FIRST_DIALECT;

  const send = async (body: ChatCompletionCreateParams, request: TeacherRequest): Promise<RawCompletion> => {
    const response = await client.chat.completions
      .create(body, {
        headers: { "Idempotency-Key": headerValue(request.callId) },
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      })
      .asResponse();
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (isStream && response.body !== null) return readStream(response.body, url, { maxReplyBytes, key: apiKey });
    return parseCompletion(await response.text(), url, apiKey);
  };

  /** One exchange, repeated while the server refuses features that we can do without. */
  const exchange = async (request: TeacherRequest): Promise<{ body: ChatCompletionCreateParams; raw: RawCompletion }> => {
    for (;;) {
      const spoken = dialect;
      const body = requestBody(config.model, request, spoken);
      try {
        return { body, raw: await send(body, request) };
      } catch (thrown) {
        const error = errorOfLine(thrown, url);
        const simpler = withoutRefused(spoken, error);
        if (request.signal?.aborted === true || simpler === null) throw error;
        dialect = simpler;
      }
    }
  };

  const ask = async (given: TeacherRequest): Promise<TeacherReply> => {
    const limit = given.maxOutputTokens ?? config.maxOutputTokens;
    const request = limit === undefined ? given : { ...given, maxOutputTokens: limit };
    const startedAt = performance.now();
    const { body, raw } = await exchange(request);
    const latencyMs = Math.round(performance.now() - startedAt);
    const { message, place } = messageOf(raw, request.callId);
    if (place !== null && dialect.reasoning !== null) dialect = { ...dialect, reasoning: place };
    return {
      message,
      finishReason: raw.finishReason ?? (message.toolCalls.length > 0 ? "tool_calls" : "stop"),
      usage: raw.usage ?? estimateUsage(Buffer.byteLength(JSON.stringify(body)), Buffer.byteLength(JSON.stringify(message))),
      ...(raw.usage === null ? { usageEstimated: true as const } : {}),
      model: raw.model || config.model,
      latencyMs,
      rehearsal: raw.fingerprint === REHEARSAL_MARK,
    };
  };

  const chat = async (request: TeacherRequest): Promise<TeacherReply> => {
    let outcome: CallOutcome = "other";
    const permit = await limiter.acquire(request.signal).catch((thrown: unknown) => {
      throw interrupted(thrown);
    });
    try {
      const reply = await ask(request);
      outcome = "success";
      return reply;
    } catch (thrown) {
      if (request.signal?.aborted === true) throw interrupted(thrown);
      const error = errorOfLine(thrown, url);
      if (error.code === "teacher_rate_limit" || error.code === "teacher_timeout") outcome = "overload";
      throw error;
    } finally {
      permit.release(outcome);
    }
  };

  return {
    chat,
    probe: (signal) => probeTeacher({ client, model: config.model, url, ask: chat, temperature: config.temperature }, signal),
    concurrency: () => limiter.status(),
    close: () => line.close(),
  };
}

const interrupted = (cause: unknown): TeacherError => new TeacherError("interrupted", "The call was interrupted.", { cause });

/** Header values are visible ASCII; ids with anything else are escaped, so that equal ids stay equal and others differ. */
const headerValue = (callId: string): string => encodeURI(callId);
