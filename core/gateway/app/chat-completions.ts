import { jsonMembers } from "../../agent/json-members.ts";
import type { GatewayDeps } from "../deps.ts";
import { createAnswerUnescaper, unescapeAnswer, type AnswerUnescaper } from "../reply/answer-unescaper.ts";
import type { ServedModel } from "../served-model.ts";
import { escapeMessages, escapeTools } from "../upstream/escape-chat.ts";
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
 * `POST /v1/chat/completions`: the bytes of the request and of the answer pass through. Changed are the model's name, where the upstream
 * calls it by another, and reserved literals in data, which a model that was trained on escaped ones is given and gives so.
 */
export async function chatCompletions(deps: GatewayDeps, call: Call, http: Request): Promise<Response> {
  const { clock, limits } = deps;
  await admit(deps, call.key);
  const { text, json } = await readJsonBody(http, limits.maxBodyBytes);
  if (call.exchange !== null) call.exchange.request = text;
  const asked = readAsked(json);
  call.model = asked.model;
  const served = servedAs(deps, asked.model);
  const body = forUpstream(text, asked, served.model);

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
    void pass(call, answer, live.body, patience, limits.silenceMs, served.model.escapesReserved).finally(() => patience.end());
    return live.response;
  } catch (error) {
    patience.end();
    throw error;
  }
}

/** Resolves when the answer has passed, or broke: then the client's connection is broken, too. */
async function pass(
  call: Call,
  answer: UpstreamResponse,
  body: LiveBody,
  patience: Patience,
  silenceMs: number,
  escapesReserved: boolean,
): Promise<void> {
  const usage = watchUsage();
  const capture = call.exchange === null ? null : { exchange: call.exchange, decoder: new TextDecoder() };
  const unescape = escapesReserved ? unescaperFor(answer) : null;
  try {
    patience.expect(silenceMs);
    for await (const bytes of answer.body) {
      call.markFirstToken();
      usage.see(bytes);
      if (capture !== null) capture.exchange.reply += capture.decoder.decode(bytes, { stream: true });
      body.write(unescape === null ? bytes : unescape.push(bytes));
      if (body.isFull) {
        patience.expect(Infinity);
        await body.drained();
        call.signal.throwIfAborted();
      }
      patience.expect(silenceMs);
    }
    if (unescape !== null) body.write(unescape.end());
    call.usage = usage.usage() ?? call.usage;
    call.finish(null);
    body.end();
  } catch (thrown) {
    call.finish(call.errorOf(thrown));
    body.cut();
  }
}

function unescaperFor({ headers }: UpstreamResponse): AnswerUnescaper {
  if ((headers.get("content-type") ?? "").includes("event-stream")) return createAnswerUnescaper();
  const decoder = new TextDecoder();
  let whole = "";
  return {
    push: (bytes) => {
      whole += decoder.decode(bytes, { stream: true });
      return "";
    },
    end: () => unescapeAnswer(whole + decoder.decode()),
  };
}

interface Asked {
  readonly model: string;
  readonly isStream: boolean;
  readonly messages: unknown;
  readonly tools: unknown;
}

function readAsked(json: unknown): Asked {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw problem(400, "invalid_request_error", "The body must be a JSON object.");
  const { model, stream, messages, tools } = json as { readonly [K in keyof Asked | "stream"]?: unknown };
  if (typeof model !== "string" || model === "") throw problem(400, "invalid_request_error", "model must be a string that is not empty.");
  return { model, isStream: stream === true, messages, tools };
}

/**
 * The body with the model's name as the upstream has it, and with escaped data where the model was trained on such. Everything else stays
 * byte for byte. A body that names a member twice could be read in two ways.
 */
function forUpstream(text: string, { model, messages, tools }: Asked, { upstreamName, escapesReserved }: ServedModel): string {
  const changed = new Map<string, string>();
  if (model !== upstreamName) changed.set("model", JSON.stringify(upstreamName));
  if (escapesReserved) {
    const escaped = { messages: JSON.stringify(escapeMessages(messages)), tools: tools === undefined ? undefined : escapeTools(tools) };
    if (escaped.messages !== JSON.stringify(messages)) changed.set("messages", escaped.messages);
    if (escaped.tools !== undefined && escaped.tools !== JSON.stringify(tools)) changed.set("tools", escaped.tools);
  }
  if (changed.size === 0) return text;
  const members = jsonMembers(text);
  if (members === null) throw problem(400, "invalid_request_error", "The body names a member twice.");
  return `{${members.map(({ key, raw }) => `${JSON.stringify(key)}:${changed.get(key) ?? raw}`).join(",")}}`;
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
