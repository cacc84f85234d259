import { jsonMembers } from "../../agent/json-members.ts";
import type { GatewayDeps } from "../deps.ts";
import { refusalOf } from "../upstream/refusal.ts";
import type { UpstreamResponse } from "../upstream/upstream.ts";
import { admit } from "./authenticate.ts";
import type { Call } from "./call.ts";
import { watchUsage } from "./last-usage.ts";
import type { LiveBody } from "./live-body.ts";
import { createLiveAnswer } from "./live-body.ts";
import type { Patience } from "./patience.ts";
import { createPatience } from "./patience.ts";
import { Problem, problem } from "./problem.ts";
import { targetNow } from "./ready-target.ts";
import { readJsonBody } from "./request-body.ts";
import type { Served } from "./served.ts";
import { servedAs } from "./served.ts";
import { readUpstreamText } from "./upstream-text.ts";

const MAX_REFUSAL_BYTES = 65_536;

/**
 * `POST /v1/chat/completions`: the bytes of the request and of the answer pass through. Of the request only the model's name is changed,
 * where the upstream calls it by another.
 */
export async function chatCompletions(deps: GatewayDeps, call: Call, http: Request): Promise<Response> {
  const { clock, limits } = deps;
  await admit(deps, call.key);
  const { text, json } = await readJsonBody(http, limits.maxBodyBytes);
  if (call.exchange !== null) call.exchange.request = text;
  const asked = readAsked(json);
  call.model = asked.model;
  const served = servedAs(deps, asked.model);
  const { upstreamName } = served.model;
  const body = asked.model === upstreamName ? text : renamed(text, upstreamName);

  const patience = createPatience(clock, call, limits.totalMs);
  try {
    const target = await targetNow(deps, call, served);
    call.sentCharacters = body.length;
    if (call.exchange !== null) call.exchange.upstreamRequest = body;
    // Without a stream the status comes with the whole answer.
    if (asked.isStream) patience.expect(limits.headersMs);
    const answer = await deps.upstream.send({ target, method: "POST", path: "/v1/chat/completions", body, signal: call.signal });
    if (!isForClients(answer)) throw await refusedBy(answer, served);
    call.status = answer.status;
    const live = createLiveAnswer({ status: answer.status, headers: headersOf(answer, call) }, () => call.stop("client-gone"));
    void pass(call, answer, live.body, patience, limits.silenceMs).finally(() => patience.end());
    return live.response;
  } catch (error) {
    patience.end();
    throw error;
  }
}

/** Resolves when the answer has passed, or broke: then the client's connection is broken, too. */
async function pass(call: Call, answer: UpstreamResponse, body: LiveBody, patience: Patience, silenceMs: number): Promise<void> {
  const usage = watchUsage();
  const capture = call.exchange === null ? null : { exchange: call.exchange, decoder: new TextDecoder() };
  try {
    patience.expect(silenceMs);
    for await (const bytes of answer.body) {
      call.markFirstToken();
      usage.see(bytes);
      if (capture !== null) capture.exchange.reply += capture.decoder.decode(bytes, { stream: true });
      body.write(bytes);
      if (body.isFull) {
        patience.expect(Infinity);
        await body.drained();
        call.signal.throwIfAborted();
      }
      patience.expect(silenceMs);
    }
    call.usage = usage.usage() ?? call.usage;
    call.finish(null);
    body.end();
  } catch (thrown) {
    call.finish(call.errorOf(thrown));
    body.cut();
  }
}

function readAsked(json: unknown): { readonly model: string; readonly isStream: boolean } {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw problem(400, "invalid_request_error", "The body must be a JSON object.");
  const { model, stream } = json as { readonly model?: unknown; readonly stream?: unknown };
  if (typeof model !== "string" || model === "") throw problem(400, "invalid_request_error", "model must be a string that is not empty.");
  return { model, isStream: stream === true };
}

/** Everything else stays byte for byte. A body that names a member twice could be read in two ways. */
function renamed(text: string, model: string): string {
  const members = jsonMembers(text);
  if (members === null) throw problem(400, "invalid_request_error", "The body names a member twice.");
  const written = members.map(({ key, raw }) => `${JSON.stringify(key)}:${key === "model" ? JSON.stringify(model) : raw}`);
  return `{${written.join(",")}}`;
}

/** What the server says of the gateway's own key or address, and pages of a proxy in between, are not for clients. */
function isForClients({ status, headers }: UpstreamResponse): boolean {
  const type = headers.get("content-type") ?? "";
  return status >= 200 && ![401, 403].includes(status) && !(status >= 300 && status < 400) && /json|event-stream/.test(type);
}

async function refusedBy(answer: UpstreamResponse, { model }: Served): Promise<Problem> {
  const body = await readUpstreamText(answer, MAX_REFUSAL_BYTES);
  const { status, headers } = answer;
  if (status === 200) return problem(502, "api_error", "The model server's answer is no chat completion.");
  return new Problem(refusalOf({ status, headers, body }, model).error);
}

function headersOf({ headers }: UpstreamResponse, { requestId }: Call): Record<string, string> {
  const retryAfter = headers.get("retry-after");
  return {
    "content-type": headers.get("content-type") ?? "application/json",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
    "request-id": requestId,
    ...(retryAfter === null ? {} : { "retry-after": retryAfter }),
  };
}
