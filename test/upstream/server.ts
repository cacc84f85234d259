import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { systemClock, type Clock } from "../../core/errors/clock.ts";
import { serveChat, unknownModel, type ChatServer } from "./chat.ts";
import { badRequest, errorJson, type ErrorBody, type ErrorShape } from "./error-body.ts";
import type { HermesDialect } from "./hermes-parser.ts";
import type { OverflowWording } from "./overflow.ts";
import { createPrefixCache } from "./prefix-cache.ts";
import { promptText } from "./prompt.ts";
import type { Received, Recording } from "./received.ts";
import type { Answer } from "./reply.ts";
import { readChatBody } from "./request.ts";
import { quickTokenizer, type UpstreamTokenizer } from "./tokenizer.ts";

/** `index` counts the chat completions that passed all checks. A list is played in its order; its last answer is repeated. */
export type Script = readonly Answer[] | ((request: Received, index: number) => Answer | Promise<Answer>);

export interface UpstreamOptions {
  readonly script: Script;
  /** 0, the default: any free one. */
  readonly port?: number;
  readonly models?: readonly string[];
  /** `--max-model-len`; 32768 by default. */
  readonly contextTokens?: number;
  readonly overflow?: OverflowWording;
  readonly errorShape?: ErrorShape;
  readonly dialect?: HermesDialect;
  readonly apiKey?: string;
  readonly allowsLateSystem?: boolean;
  readonly canSeeImages?: boolean;
  readonly hasToolParser?: boolean;
  readonly hasCollidingIds?: boolean;
  readonly hasTokenize?: boolean;
  /** The quick one by default. */
  readonly tokenizer?: UpstreamTokenizer;
  readonly clock?: Clock;
}

export interface TestUpstream extends AsyncDisposable {
  /** The root, without `/v1`. */
  readonly url: string;
  /** Every request, in the order of their arrival. */
  readonly received: readonly Received[];
  /** The chat completions among them that passed the checks and fitted the window, oldest first. */
  readonly chats: readonly Received[];
  readonly settings: Pick<ChatServer, "contextTokens" | "overflow">;
  /** Connections are refused from now on; open ones end. */
  refuse(): Promise<void>;
  /** The end of `refuse`, on the same port. */
  accept(): Promise<void>;
  /** Resolves when every request has come to its end. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server that speaks as vLLM's api_server does and says what the script says. */
export async function startUpstream(options: UpstreamOptions): Promise<TestUpstream> {
  const received: Recording[] = [];
  const answered: Received[] = [];
  const { script } = options;
  const chatServer: ChatServer = {
    models: options.models ?? ["student"],
    contextTokens: options.contextTokens ?? 32_768,
    overflow: options.overflow ?? "at-least",
    rules: {
      allowsLateSystem: options.allowsLateSystem ?? true,
      canSeeImages: options.canSeeImages ?? false,
      hasToolParser: options.hasToolParser ?? true,
    },
    dialect: options.dialect ?? "verbatim",
    hasCollidingIds: options.hasCollidingIds ?? false,
    tokenizer: options.tokenizer ?? quickTokenizer,
    cache: createPrefixCache(),
    clock: options.clock ?? systemClock,
    async answer(request) {
      const index = answered.push(request) - 1;
      if (typeof script === "function") return script(request, index);
      return script[Math.min(index, script.length - 1)] ?? {};
    },
  };

  const sendError = (response: ServerResponse, error: ErrorBody): void => {
    response.writeHead(error.status, { "content-type": "application/json" }).end(errorJson(error, options.errorShape ?? "nested"));
  };
  const sendJson = (response: ServerResponse, body: unknown): void => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  };

  const serve = async (record: Recording, response: ServerResponse, signal: AbortSignal): Promise<void> => {
    const [path] = record.path.split("?");
    // The key guards /v1 alone, and this error is a text where all others are objects.
    if (options.apiKey !== undefined && path?.startsWith("/v1") === true && record.headers.authorization !== `Bearer ${options.apiKey}`) {
      response.writeHead(401, { "content-type": "application/json" }).end('{"error":"Unauthorized"}');
      return;
    }
    switch (`${record.method} ${path}`) {
      case "GET /health":
        response.writeHead(200).end();
        return;
      case "GET /version":
        return sendJson(response, { version: "0.0.0+test" });
      case "GET /v1/models":
        return sendJson(response, {
          object: "list",
          data: chatServer.models.map((id) => ({
            id,
            object: "model",
            created: 0,
            owned_by: "vllm",
            root: id,
            parent: null,
            max_model_len: chatServer.contextTokens,
            permission: [],
          })),
        });
      case "POST /tokenize":
        if (options.hasTokenize ?? true) return tokenize(record, response);
        break;
      case "POST /v1/chat/completions": {
        const error =
          record.json === null
            ? badRequest("1 validation error:\n  {'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error'}")
            : await serveChat(chatServer, record, response, signal);
        if (error !== null) sendError(response, error);
        return;
      }
    }
    response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Not Found"}');
  };

  const tokenize = (record: Recording, response: ServerResponse): void => {
    const read = readChatBody(record.json, chatServer.rules);
    if (!read.ok) return sendError(response, read.error);
    const unknown = unknownModel(chatServer, read.body.model ?? null);
    if (unknown !== null) return sendError(response, unknown);
    const ids = chatServer.tokenizer.ids(promptText(read.body));
    sendJson(response, { count: ids.length, max_model_len: chatServer.contextTokens, tokens: [...ids], token_strs: null });
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    const end = Promise.withResolvers<void>();
    response.on("close", () => gone.abort(new Error("The connection is gone.")));
    const record: Recording = { ...(await readRequest(incoming)), chat: null, outcome: "open", chunksSent: 0, ended: end.promise };
    received.push(record);
    try {
      await serve(record, response, gone.signal);
    } catch (error) {
      if (!gone.signal.aborted) {
        response.destroy();
        scriptErrors.push(error);
      }
    }
    if (!response.closed && !gone.signal.aborted) await new Promise((resolve) => gone.signal.addEventListener("abort", resolve));
    if (record.outcome === "open") record.outcome = response.writableFinished ? "answered" : "left";
    end.resolve();
  };

  const scriptErrors: unknown[] = [];
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      // A client that leaves while it sends.
      if (!incoming.destroyed) scriptErrors.push(error);
    });
  });
  server.keepAliveTimeout = 30_000;
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
  await listen(options.port ?? 0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const close = async (): Promise<void> => {
    await stop();
    if (scriptErrors.length > 0) throw new AggregateError(scriptErrors, "The script of the test upstream failed.");
  };
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    chats: answered,
    settings: chatServer,
    refuse: stop,
    accept: () => listen(port),
    idle: async () => {
      await Promise.all(received.map((record) => record.ended));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readRequest(incoming: IncomingMessage): Promise<Pick<Received, "method" | "path" | "headers" | "body" | "json">> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body, json: parsed(body) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
