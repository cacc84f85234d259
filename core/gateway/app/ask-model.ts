import type { GatewayDeps } from "../deps.ts";
import type { ServedModel } from "../served-model.ts";
import type { ChatRequest } from "../upstream/chat-request.ts";
import type { Refusal } from "../upstream/refusal.ts";
import { promptTooLong, refusalOf, roomFor } from "../upstream/refusal.ts";
import type { UpstreamResponse, UpstreamTarget } from "../upstream/upstream.ts";
import type { Call } from "./call.ts";
import { countPrompt } from "./count-prompt.ts";
import { Problem } from "./problem.ts";
import { readUpstreamText } from "./upstream-text.ts";

export interface Question {
  readonly deps: GatewayDeps;
  readonly call: Call;
  readonly model: ServedModel;
  readonly target: UpstreamTarget;
  readonly chat: ChatRequest;
}

const MAX_REFUSAL_BYTES = 65_536;

/** With less room than this an answer would be cut before it says anything; a client that compacts is better served. */
const LEAST_ROOM_TOKENS = 64;

/**
 * Sends a completion request and resolves when the server has accepted it. A request that is refused only because prompt and answer
 * together exceed the window is repeated once, for an answer that fits. Throws Problem or UpstreamError.
 */
export async function askModel(question: Question): Promise<UpstreamResponse> {
  const response = await send(question, question.chat);
  if (response.status === 200) return response;
  const refusal = await readRefusal(question, response);
  const room = await roomLeft(question, refusal);
  if (room === null) throw new Problem(refusal.error);
  const second = await send(question, { ...question.chat, max_tokens: room });
  if (second.status === 200) return second;
  throw new Problem((await readRefusal(question, second)).error);
}

function send({ deps, call, target }: Question, chat: ChatRequest): Promise<UpstreamResponse> {
  const body = JSON.stringify(chat);
  call.sentCharacters = body.length;
  if (call.exchange !== null) call.exchange.upstreamRequest = body;
  return deps.upstream.send({ target, method: "POST", path: "/v1/chat/completions", body, signal: call.signal });
}

async function readRefusal({ model }: Question, response: UpstreamResponse): Promise<Refusal> {
  const body = await readUpstreamText(response, MAX_REFUSAL_BYTES);
  return refusalOf({ status: response.status, headers: response.headers, body }, model);
}

/** Tokens for a second try; null where there is none to be had. */
async function roomLeft({ deps, call, model, target, chat }: Question, { overflow }: Refusal): Promise<number | null> {
  if (overflow === null) return null;
  let room = overflow.roomTokens;
  if (overflow.isPromptUncounted && overflow.contextTokens !== null) {
    const promptTokens = await countPrompt(deps, model, target, chat, call.signal);
    if (promptTokens === null) return null;
    room = roomFor(promptTokens, overflow.contextTokens);
    if (room === null) throw new Problem(promptTooLong(promptTokens, overflow.contextTokens));
  }
  if (room === null || room < Math.min(LEAST_ROOM_TOKENS, chat.max_tokens ?? Infinity)) return null;
  // Asking for as much again would be refused again.
  return chat.max_tokens === undefined || room < chat.max_tokens ? room : null;
}
