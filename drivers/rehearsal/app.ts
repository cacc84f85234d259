import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { REHEARSAL_MARK } from "../../core/agent/teacher.ts";
import type { ChatRequest } from "./conversation.ts";
import { conversationKey, readRequest } from "./conversation.ts";
import { digest } from "./draw.ts";
import type { Fault, FaultMode } from "./faults.ts";
import { faultOfModel, isEndless, spoil, strikes, wasSpoilt } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { createModel } from "./reply.ts";
import { promptTokens, usageFor } from "./tokens.ts";
import { completionEvents, completionJson } from "./wire.ts";

export interface AppOptions {
  readonly model: string;
  readonly seed: string;
  readonly latencyMs: number;
  readonly faults: readonly Fault[];
  /** The model's window; null: no limit. */
  readonly contextTokens: number | null;
  readonly apiKey: string | null;
  readonly maxBodyBytes: number;
  readonly retryAfterSeconds: number;
  readonly ledger: Ledger;
  /** Ends when the server closes; calls that hang end with it. */
  readonly closing: AbortSignal;
}

type Bindings = { Bindings: HttpBindings };

/** An error in OpenAI's shape. */
class Refusal extends Error {
  readonly status: 400 | 401 | 404 | 429 | 500;
  readonly type: string;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Refusal["status"], type: string, message: string, code: string | null = null, headers: Refusal["headers"] = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.headers = headers;
  }
}

const JSON_TYPE = "application/json";

/** The rehearsal teacher as an OpenAI-compatible web application. */
export function createApp(options: AppOptions): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const { ledger } = options;
  const model = createModel(options.seed);

  app.use("/v1/*", async (context, next) => {
    if (options.apiKey !== null && context.req.header("authorization") !== `Bearer ${options.apiKey}`) {
      throw new Refusal(401, "invalid_request_error", "Incorrect API key provided.", "invalid_api_key");
    }
    return next();
  });

  app.get("/v1/models", (context) => {
    const window = options.contextTokens === null ? {} : { max_model_len: options.contextTokens };
    return context.json({
      object: "list",
      data: [{ id: options.model, object: "model", created: 0, owned_by: REHEARSAL_MARK, ...window }],
    });
  });

  // vLLM has these beside /v1, not below it.
  app.get("/health", (context) => context.body(null, 200));

  app.post("/tokenize", async (context) => {
    const request = parse(await readBody(context.env.incoming, options.maxBodyBytes));
    faultsFor(request, options);
    const { total } = promptTokens(request);
    return context.json({ count: total, max_model_len: options.contextTokens, tokens: [], token_strs: null });
  });

  app.post("/v1/chat/completions", async (context) => {
    const request = parse(await readBody(context.env.incoming, options.maxBodyBytes));
    const faults = faultsFor(request, options);
    const conversation = conversationKey(request);
    const key = context.req.header("idempotency-key") ?? null;
    const { tries, number } = ledger.arrive(key, conversation);
    const mode = strikes(faults, { seed: options.seed, key: conversation, tries, number, isSecondChance: wasSpoilt(request) });
    if (mode !== null) ledger.strike(mode);

    if (mode === "429")
      throw new Refusal(429, "rate_limit_error", "Too many requests, please slow down.", "rate_limit_exceeded", {
        "retry-after": String(options.retryAfterSeconds),
      });
    if (mode === "500") throw new Refusal(500, "server_error", "The server had an error while processing your request.");
    if (mode === "hang") {
      await untilClosed(context.req.raw.signal, options.closing);
      return RESPONSE_ALREADY_SENT;
    }
    refuseOverflow(request, mode, options);

    const reply = model(request, conversation, (rolloutKey) => isEndless(faults, options.seed, rolloutKey));
    const answer = spoil(reply.answer, mode);
    const usage = usageFor(request, answer);
    if (options.latencyMs > 0) await sleep(options.latencyMs, options.closing);
    ledger.pay(key, conversation, reply.purpose, usage);
    const completion = { id: digest(options.seed, conversation), model: request.model, answer, usage };
    const text = request.isStream ? completionEvents(completion, request.wantsUsage) : completionJson(completion);
    const type = request.isStream ? "text/event-stream; charset=utf-8" : JSON_TYPE;
    if (mode === "not-json")
      return context.body("<html><body>Bad gateway, but politely.</body></html>", 200, { "content-type": "text/html" });
    if (mode === "cut-headers" || mode === "cut-stream") return cut(context.env, mode, text, type);
    return context.body(text, 200, { "content-type": type });
  });

  app.notFound(() => {
    throw new Refusal(404, "invalid_request_error", "There is no such path.");
  });
  app.onError((error, context) => {
    const refusal = error instanceof Refusal ? error : new Refusal(500, "server_error", error.message);
    return context.json({ error: { message: refusal.message, type: refusal.type, param: null, code: refusal.code } }, refusal.status, {
      ...refusal.headers,
    });
  });
  return app;
}

/** Counted while it comes: a declared length is no promise. */
async function readBody(incoming: AsyncIterable<Buffer>, max: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.byteLength;
    if (size > max) throw new Refusal(400, "invalid_request_error", `The request is larger than ${max} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(body: string): ChatRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new Refusal(400, "invalid_request_error", "The body is no JSON.");
  }
  const request = readRequest(json);
  if (typeof request === "string") throw new Refusal(400, "invalid_request_error", request);
  return request;
}

function faultsFor(request: ChatRequest, { model, faults }: AppOptions): readonly Fault[] {
  const asked = faultOfModel(request.model, model);
  // vLLM's words.
  if (asked === undefined) throw new Refusal(404, "NotFoundError", `The model \`${request.model}\` does not exist.`, "model_not_found");
  return asked === null ? faults : [asked, ...faults];
}

function refuseOverflow(request: ChatRequest, mode: FaultMode | null, { contextTokens }: AppOptions): void {
  const window = contextTokens ?? 131_072;
  const { total } = promptTokens(request);
  const completion = request.maxTokens ?? 1;
  if (mode !== "context-overflow" && (contextTokens === null || total + completion <= contextTokens)) return;
  const prompt = Math.max(total, mode === "context-overflow" ? window : 0);
  // vLLM's words.
  throw new Refusal(
    400,
    "BadRequestError",
    `This model's maximum context length is ${window} tokens. However, you requested ${prompt + completion} tokens (${prompt} in the messages, ${completion} in the completion). Please reduce the length of the messages or completion.`,
  );
}

/** Writes past Hono on the socket itself, and closes it in the middle. */
function cut({ outgoing, incoming }: HttpBindings, mode: "cut-headers" | "cut-stream", text: string, type: string): Response {
  const { socket } = incoming;
  const half = text.slice(0, Math.floor(text.length / 2));
  if (mode === "cut-headers") socket.write("HTTP/1.1 200 OK\r\ncontent-ty", () => socket.destroy());
  else {
    outgoing.writeHead(200, { "content-type": type, "content-length": Buffer.byteLength(text) });
    outgoing.write(half, () => socket.destroy());
  }
  return RESPONSE_ALREADY_SENT;
}

function untilClosed(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}

async function sleep(ms: number, closing: AbortSignal): Promise<void> {
  await Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), untilClosed(closing)]);
}
