/** What the model says to one request. The parts make one text, as a model writes it; the server's parser takes it apart again. */
export interface Reply {
  readonly thinking?: string;
  readonly content?: string;
  readonly calls?: readonly ScriptedCall[];
  /** The whole text instead of its parts: calls that are none, thoughts that never end. */
  readonly text?: string;
  /** Told instead of what the server would find itself. */
  readonly finishReason?: string;
  readonly stopReason?: string;
  /** Told instead of what the server counts; null: no usage at all. */
  readonly usage?: Usage | null;
  /** Ids of the calls instead of fresh ones. */
  readonly callIds?: readonly string[];
  /** The field for thoughts, as of servers with a reasoning parser; in the content when left out. */
  readonly reasoningField?: "reasoning" | "reasoning_content";
  /** The server's parser does not notice calls: they stay in the content (vllm-project/vllm#31871). */
  readonly missesCalls?: boolean;
  /** How much is one chunk, and one write: a token (default), a token but written in single bytes, or all at once. */
  readonly chunking?: "token" | "bytes" | "whole";
  /** Before the first token; the headers are out by then. */
  readonly delayMs?: number;
  /** The first token comes when this is over; the headers are out by then. */
  readonly firstToken?: Promise<unknown>;
  readonly tokensPerSecond?: number;
  readonly breaks?: Break;
  /** What a well-behaved server sends at the end. */
  readonly omits?: readonly ("done" | "finish" | "usage")[];
}

export interface ScriptedCall {
  readonly name: string;
  /** JSON text as the model writes it, valid or not; or a value, written as Python does. */
  readonly arguments: string | Readonly<Record<string, unknown>>;
}

export interface Usage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** Where a stream breaks: in front of its first chunk, in the midst of the text or of a call's arguments, in front of the finish. */
export type BreakPlace = "start" | "text" | "arguments" | "end";

export interface Break {
  readonly at: BreakPlace;
  readonly how: BreakKind;
}

export type BreakKind =
  /** RST. */
  | "reset"
  /** FIN in the midst of the chunked body. */
  | "cut"
  /** A proper end of the body, too early. */
  | "ends"
  | "silence"
  /** `data: {"error": {…}}`, then `[DONE]`, as since vLLM 0.10.1. */
  | "error-chunk"
  /** `data: {"object": "error", …}`, then `[DONE]`. */
  | "older-error-chunk"
  /** Bytes that are no UTF-8, then the rest of the stream. */
  | "garbage"
  /** A data line that is no JSON, then the rest of the stream. */
  | "not-json"
  /** The text goes on until the client leaves. */
  | "endless";

/** No answer of the model at all. */
export type Fault =
  | { readonly fault: "status"; readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** No status line, ever. */
  | { readonly fault: "hang" }
  /** RST instead of a status line. */
  | { readonly fault: "reset" };

export type Answer = Reply | Fault;

export const isFault = (answer: Answer): answer is Fault => "fault" in answer;

export const overloaded = (retryAfterSeconds?: number): Fault => ({
  fault: "status",
  status: 503,
  body: JSON.stringify({ error: { message: "Server is overloaded.", type: "ServiceUnavailableError", param: null, code: 503 } }),
  ...(retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(retryAfterSeconds) } }),
});

export const tooMany = (retryAfterSeconds?: number): Fault => ({
  fault: "status",
  status: 429,
  body: JSON.stringify({ error: { message: "Too many requests.", type: "rate_limit_error", param: null, code: 429 } }),
  ...(retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(retryAfterSeconds) } }),
});

/** What a proxy in front of the server says. */
export const badGatewayPage: Fault = {
  fault: "status",
  status: 500,
  headers: { "content-type": "text/html" },
  body: "<html><body><h1>500 Internal Server Error</h1><pre>at secret/path.py:12</pre></body></html>",
};
