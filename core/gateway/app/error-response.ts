import type { ClientError } from "../client/client-error.ts";
import { errorBody, errorHeaders } from "../client/client-error.ts";

/** Whose errors a route speaks. */
export type ErrorShape = "messages" | "openai";

export function errorResponse(shape: ErrorShape, error: ClientError, requestId: string): Response {
  return new Response(shape === "messages" ? errorBody(error, requestId) : openAiBody(error), {
    status: statusIn(shape, error),
    headers: { ...errorHeaders(error), "request-id": requestId, "cache-control": "no-cache" },
  });
}

/** 529 is the Messages API's own; elsewhere it is unknown. */
export const statusIn = (shape: ErrorShape, { status }: ClientError): number => (shape === "openai" && status === 529 ? 503 : status);

const openAiBody = ({ status, type, message }: ClientError): string =>
  JSON.stringify({ error: { message, type: OPENAI_TYPES[status] ?? type, param: null, code: OPENAI_CODES[status] ?? null } });

const OPENAI_TYPES: Readonly<Record<number, string>> = { 401: "invalid_request_error", 404: "invalid_request_error" };

const OPENAI_CODES: Readonly<Record<number, string>> = { 401: "invalid_api_key", 429: "rate_limit_exceeded" };
