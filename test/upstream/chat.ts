import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Clock } from "../../core/errors/clock.ts";
import type { CompletionOptions } from "./completion.ts";
import { completionBody, streamChunks, usageChunk } from "./completion.ts";
import type { ErrorBody } from "./error-body.ts";
import { generate } from "./generation.ts";
import type { HermesDialect } from "./hermes-parser.ts";
import type { OverflowWording } from "./overflow.ts";
import { overflowError } from "./overflow.ts";
import type { PrefixCache } from "./prefix-cache.ts";
import { promptText } from "./prompt.ts";
import type { Received, Recording } from "./received.ts";
import type { Answer, Reply, Usage } from "./reply.ts";
import { isFault } from "./reply.ts";
import type { ChatBody, RequestRules } from "./request.ts";
import { readChatBody } from "./request.ts";
import { writeSseBody } from "./sse-body.ts";
import type { UpstreamTokenizer } from "./tokenizer.ts";

export interface ChatServer {
  readonly models: readonly string[];
  /** These two may be changed while the server runs. */
  contextTokens: number;
  overflow: OverflowWording;
  readonly rules: RequestRules;
  readonly dialect: HermesDialect;
  /** Every answer calls itself and its calls the same. */
  readonly hasCollidingIds: boolean;
  readonly tokenizer: UpstreamTokenizer;
  readonly cache: PrefixCache;
  readonly clock: Clock;
  /** The next scripted answer. */
  readonly answer: (received: Received) => Promise<Answer>;
}

/** One chat completion. Resolves with an error that is still to be sent, or null. */
export async function serveChat(
  server: ChatServer,
  record: Recording,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<ErrorBody | null> {
  const read = readChatBody(record.json, server.rules);
  if (!read.ok) return read.error;
  const { body } = read;
  const unknown = unknownModel(server, body.model ?? null);
  if (unknown !== null) return unknown;

  const prompt = promptText(body);
  const ids = server.tokenizer.ids(prompt);
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? null;
  const sizes = { promptTokens: ids.length, promptCharacters: prompt.length, maxTokens, contextTokens: server.contextTokens };
  record.chat = { body, prompt, promptTokens: ids.length, cachedTokens: 0 };
  const overflow = overflowError(server.overflow, sizes);
  if (overflow !== null) return overflow;
  record.chat = { ...record.chat, cachedTokens: server.cache.take(ids) };

  const answer = await server.answer(record);
  if (isFault(answer)) {
    if (answer.fault === "status") {
      response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(answer.body ?? "");
    } else if (answer.fault === "reset") {
      response.socket?.resetAndDestroy();
      record.outcome = "broken";
    } else await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return null;
  }

  const options = completionOptions(server, body, answer, server.contextTokens - ids.length);
  const completionTokens = options.generation.reasoning.length + options.generation.tokens.length;
  const counted = { promptTokens: ids.length, cachedTokens: record.chat.cachedTokens, completionTokens };
  const usage: Usage | null = answer.usage === undefined ? counted : answer.usage;
  if (body.stream === true) {
    const wantsUsage = body.stream_options?.include_usage === true && usage !== null && answer.omits?.includes("usage") !== true;
    const chunks = [...streamChunks(options), ...(wantsUsage ? [usageChunk(options.frame, usage)] : [])];
    await writeSseBody({ response, record, chunks, reply: answer, clock: server.clock, signal });
    return null;
  }
  if (answer.delayMs !== undefined) await server.clock.sleep(answer.delayMs, signal);
  const text = completionBody(options, usage);
  if (answer.breaks === undefined) response.writeHead(200, { "content-type": "application/json" }).end(text);
  else {
    const bytes = Buffer.from(text);
    response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.destroy());
    record.outcome = "broken";
  }
  return null;
}

export function unknownModel(server: ChatServer, model: string | null): ErrorBody | null {
  if (model === null || server.models.includes(model)) return null;
  return { status: 404, type: "NotFoundError", message: `The model \`${model}\` does not exist.`, param: "model" };
}

function completionOptions(server: ChatServer, body: ChatBody, reply: Reply, room: number): CompletionOptions {
  // Without tools the choice is none, and the parser does not run.
  const parses = (body.tools ?? []).length > 0 && body.tool_choice !== "none" && server.rules.hasToolParser;
  let calls = 0;
  return {
    frame: {
      id: server.hasCollidingIds ? "chatcmpl-0" : `chatcmpl-${randomBytes(16).toString("hex")}`,
      created: Math.floor(server.clock.now() / 1000),
      model: body.model ?? server.models[0] ?? "",
    },
    reply,
    generation: generate(reply, body, room),
    dialect: parses ? server.dialect : null,
    isNamedChoice: typeof body.tool_choice === "object" && body.tool_choice !== null,
    freshCallId: () => `chatcmpl-tool-${server.hasCollidingIds ? String(calls++) : randomBytes(16).toString("hex")}`,
  };
}
