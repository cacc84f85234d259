import type { Call } from "./call.ts";

/** A whole answer; the request is over with it. */
export function jsonAnswer(call: Call, body: unknown): Response {
  const text = JSON.stringify(body);
  if (call.exchange !== null) call.exchange.reply = text;
  call.finish(null);
  return new Response(text, {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-cache", "request-id": call.requestId },
  });
}
