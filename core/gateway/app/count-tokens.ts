import type { GatewayDeps } from "../deps.ts";
import type { ChatRequest } from "../upstream/chat-request.ts";
import type { UpstreamTarget } from "../upstream/upstream.ts";
import { UpstreamError } from "../upstream/upstream.ts";
import type { Call } from "./call.ts";
import { countPrompt } from "./count-prompt.ts";
import { jsonAnswer } from "./json-answer.ts";
import { readAndPlan } from "./messages.ts";
import { clientError, problem } from "./problem.ts";
import { targetNow } from "./ready-target.ts";
import type { Served } from "./served.ts";
import { withinTime } from "./time-limit.ts";

/**
 * `POST /v1/messages/count_tokens`. Free of limits on requests: clients count in bursts of two dozen. Where nobody can count, the client
 * is told not to ask again, and then goes on with an estimate of its own (Claude Code 2.1.329, with 400, 404 and 501 alike).
 */
export async function countTokens(deps: GatewayDeps, call: Call, http: Request): Promise<Response> {
  const { served, plan, request } = await readAndPlan(deps, call, http);
  // The model is not asked, so there is no prompt to count.
  if (plan.kind === "answer") return jsonAnswer(call, { input_tokens: Math.ceil(JSON.stringify(request).length / CHARACTERS_A_TOKEN) });
  const { headersMs } = deps.limits;
  const late = clientError(504, "timeout_error", "The model server did not count the tokens in time.");
  const tokens = await withinTime(deps.clock, call, headersMs, late, () => count(deps, call, served, plan.chat));
  if (tokens === null) throw problem(501, "api_error", "This gateway cannot count tokens.", { shouldRetry: false });
  return jsonAnswer(call, { input_tokens: tokens });
}

const CHARACTERS_A_TOKEN = 4;

/** A server that is cold or does not answer need not keep a tokenizer at hand from counting. */
async function count(deps: GatewayDeps, call: Call, served: Served, chat: ChatRequest): Promise<number | null> {
  const ownCount = (): Promise<number | null> => countPrompt(deps, served.model, null, chat, call.signal);
  let target: UpstreamTarget;
  try {
    target = await targetNow(deps, call, served);
  } catch (cold) {
    const own = await ownCount();
    if (own === null) throw cold;
    return own;
  }
  try {
    return await countPrompt(deps, served.model, target, chat, call.signal);
  } catch (error) {
    if (!(error instanceof UpstreamError) || call.signal.aborted) throw error;
    const own = await ownCount();
    if (own === null) throw error;
    return own;
  }
}
