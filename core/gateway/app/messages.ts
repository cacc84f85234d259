import type { MessagesRequest } from "../client/request.ts";
import { createMessageDocument } from "../client/message-document.ts";
import { readMessagesRequest } from "../client/read-request.ts";
import type { OwnReply } from "../client/reply.ts";
import type { GatewayDeps } from "../deps.ts";
import { profileNamed } from "../profiles/index.ts";
import type { Plan } from "../profiles/profile.ts";
import { admit } from "./authenticate.ts";
import type { Call } from "./call.ts";
import { freshId } from "./fresh-id.ts";
import { jsonAnswer } from "./json-answer.ts";
import { createOutlet } from "./outlet.ts";
import { writeOwnReply } from "./own-reply.ts";
import { problem } from "./problem.ts";
import { readJsonBody } from "./request-body.ts";
import type { Served } from "./served.ts";
import { servedAs } from "./served.ts";
import { streamMessage } from "./stream-message.ts";
import { tookTooLong, withinTime } from "./time-limit.ts";
import { wholeMessage } from "./whole-message.ts";

/** `POST /v1/messages` */
export async function messages(deps: GatewayDeps, call: Call, http: Request): Promise<Response> {
  await admit(deps, call.key);
  const { request, served, plan } = await readAndPlan(deps, call, http);
  if (plan.kind === "answer") return ownAnswer(call, request, plan.reply(freshId));
  const job = { deps, call, request, served, plan };
  if (request.isStream) return streamMessage(job);
  const { totalMs } = deps.limits;
  const message = await withinTime(deps.clock, call, totalMs, tookTooLong(totalMs), () => wholeMessage(job));
  return jsonAnswer(call, message);
}

export interface Planned {
  readonly request: MessagesRequest;
  readonly served: Served;
  readonly plan: Plan;
}

/** Reads a request of the Messages API and what its model is to be asked. Throws a Problem that says what is wrong, and where. */
export async function readAndPlan(deps: GatewayDeps, call: Call, http: Request): Promise<Planned> {
  const { text, json } = await readJsonBody(http, deps.limits.maxBodyBytes);
  if (call.exchange !== null) call.exchange.request = text;
  const read = readMessagesRequest(json);
  if (!read.ok) throw problem(400, "invalid_request_error", read.problem);
  const { request } = read;
  call.model = request.model;
  const served = servedAs(deps, request.model);
  return { request, served, plan: profileNamed(served.model.profile).plan(request, served.model) };
}

/** Nothing was asked of a model, so no tokens were used. */
const NO_USAGE = { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 };

function ownAnswer(call: Call, { model, isStream }: MessagesRequest, reply: OwnReply): Response | Promise<Response> {
  call.markFirstToken();
  if (!isStream) {
    const document = createMessageDocument({ id: `msg_${freshId()}`, model });
    return jsonAnswer(call, document.end(writeOwnReply(reply, document), NO_USAGE));
  }
  const outlet = createOutlet(call, model);
  outlet.open();
  outlet.events.end(writeOwnReply(reply, outlet.events), NO_USAGE);
  outlet.end();
  call.finish(null);
  return outlet.response;
}
