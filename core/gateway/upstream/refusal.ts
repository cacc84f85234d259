import { saysContextOverflow } from "../../agent/context-overflow.ts";
import type { OverflowFigures } from "../../agent/overflow-figures.ts";
import { overflowFigures } from "../../agent/overflow-figures.ts";
import type { ClientError, ClientErrorType } from "../client/client-error.ts";
import type { ServedModel } from "../served-model.ts";
import { serverSaid } from "./server-said.ts";
import type { UpstreamError, UpstreamFailure } from "./upstream.ts";

/** Status, headers and as much of the body as was read: its first 64 KiB are enough. */
export interface RefusedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A prompt, or a prompt and the answer that was asked for, that does not fit the window. Tokens. */
export interface Overflow {
  readonly promptTokens: number | null;
  readonly contextTokens: number | null;
  /** What the window leaves for the answer: a request for no more than that fits. Null when nothing is left, or nobody knows. */
  readonly roomTokens: number | null;
  /** The server did not count to the end. The prompt may fit with a smaller answer; count it, and see `roomFor`. */
  readonly isPromptUncounted: boolean;
}

export interface Refusal {
  readonly error: ClientError;
  /** Null for every other refusal. */
  readonly overflow: Overflow | null;
}

export type RefusedModel = Pick<ServedModel, "name" | "upstreamName" | "contextTokens">;

/** Seconds, where a server that is overloaded does not say. */
const BUSY_SECONDS = 5;
const MAX_BUSY_SECONDS = 3600;

/** What a model server's error response means for the client. */
export function refusalOf(response: RefusedResponse, model: RefusedModel): Refusal {
  const { status, body } = response;
  // Servers answer it with 400, 413, 422 or 500; the wording alone tells.
  const figures = status >= 400 ? overflowFigures(body, model.contextTokens) : null;
  if (figures !== null || (status >= 400 && saysContextOverflow(body))) return overflowRefusal(figures, model.contextTokens);
  return { error: errorOf(response, model), overflow: null };
}

/** The error by which the client learns that its conversation is too long; the wording is what it looks for. Tokens. */
export function promptTooLong(promptTokens: number | null, maxTokens: number | null): ClientError {
  if (promptTokens === null && maxTokens === null) {
    return invalidRequest("prompt is too long: the model server did not say by how many tokens");
  }
  const most = Math.max(0, Math.min(maxTokens ?? Number.POSITIVE_INFINITY, (promptTokens ?? Number.POSITIVE_INFINITY) - 1));
  return invalidRequest(`prompt is too long: ${promptTokens ?? most + 1} tokens > ${most} maximum`);
}

/** What a window of `contextTokens` leaves for the answer behind a prompt; null when that is nothing. */
export const roomFor = (promptTokens: number, contextTokens: number): number | null =>
  contextTokens > promptTokens ? contextTokens - promptTokens : null;

/** What the client is told when the model server gave no answer. */
export function failureOf(error: UpstreamError): ClientError {
  return { ...FAILURES[error.failure], retryAfterSeconds: null };
}

const FAILURES: Readonly<Record<UpstreamFailure, Omit<ClientError, "retryAfterSeconds">>> = {
  refused: unreachable("The model server refused the connection. Is it running?"),
  unreachable: unreachable("The model server could not be reached."),
  reset: unreachable("The model server closed the connection before its answer was complete."),
  timeout: { status: 504, type: "timeout_error", message: "The model server did not answer in time.", shouldRetry: null },
  tls: {
    status: 502,
    type: "api_error",
    message: "No secure connection to the model server: its certificate was not accepted.",
    shouldRetry: false,
  },
  aborted: unreachable("The request to the model server was given up."),
};

function unreachable(message: string): Omit<ClientError, "retryAfterSeconds"> {
  return { status: 502, type: "api_error", message, shouldRetry: null };
}

function overflowRefusal(figures: OverflowFigures | null, window: number | null): Refusal {
  const promptTokens = figures?.promptTokens ?? null;
  const contextTokens = figures?.contextTokens ?? window;
  const isPromptUncounted = figures?.isPromptUncounted ?? false;
  const roomTokens = isPromptUncounted || promptTokens === null || contextTokens === null ? null : roomFor(promptTokens, contextTokens);
  // A prompt shorter than the window was refused for the answer's sake: then the answer's share counts, too.
  const fits = promptTokens !== null && contextTokens !== null && promptTokens <= contextTokens;
  const most = fits ? Math.max(0, contextTokens - (figures?.answerTokens ?? 0)) : contextTokens;
  return { error: promptTooLong(promptTokens, most), overflow: { promptTokens, contextTokens, roomTokens, isPromptUncounted } };
}

function errorOf({ status, headers, body }: RefusedResponse, model: RefusedModel): ClientError {
  const said = serverSaid(body);
  const quote = said === "" ? "." : `: ${said}`;
  if (status < 400) return broken(`The model server answered ${status} where a completion was expected. Is its URL right?`);
  if (status === 401 || status === 403) {
    return broken(`The model server refused the gateway's own key (${status}); the key of this client is not concerned.`);
  }
  if (status === 402) return broken(`The account behind the gateway's key has no credit left${quote}`);
  if (status === 404) {
    return broken(`The model server does not know the model ${JSON.stringify(model.upstreamName)}, or not this way of asking${quote}`);
  }
  if (status === 405 || status === 501) return broken(`The model server does not offer chat completions (${status})${quote}`);
  const error = (shownAs: number, type: ClientErrorType, retryAfterSeconds: number | null = null): ClientError => ({
    status: shownAs,
    type,
    message: `The model server answered ${status}${quote}`,
    retryAfterSeconds,
    shouldRetry: null,
  });
  const seconds = waitSeconds(headers) ?? BUSY_SECONDS;
  if (status === 408 || status === 504) return error(504, "timeout_error");
  if (status === 413) return error(413, "request_too_large");
  if (status === 429) return error(429, "rate_limit_error", seconds);
  if (status === 503 || status === 529) return error(529, "overloaded_error", seconds);
  if (status >= 500) return error(status === 502 ? 502 : 500, "api_error");
  return invalidRequest(`The model server refused the request${quote}${adviceOn(body)}`);
}

function adviceOn(body: string): string {
  return /enable-auto-tool-choice|tool-call-parser/.test(body)
    ? " Start vLLM with --enable-auto-tool-choice and the --tool-call-parser of the model."
    : "";
}

/** Something that only who runs the gateway can mend: repeating the request does not help. */
const broken = (message: string): ClientError => ({
  status: 502,
  type: "api_error",
  message,
  retryAfterSeconds: null,
  shouldRetry: false,
});

const invalidRequest = (message: string): ClientError => ({
  status: 400,
  type: "invalid_request_error",
  message,
  retryAfterSeconds: null,
  shouldRetry: null,
});

/** Seconds or a date (RFC 9110 §10.2.3); a date is worth its distance from the response's own. */
function waitSeconds(headers: Headers): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (Date.parse(value) - Date.parse(headers.get("date") ?? "")) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds), MAX_BUSY_SECONDS) : null;
}
