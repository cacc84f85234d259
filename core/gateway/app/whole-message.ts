import type { JsonObject } from "../client/request.ts";
import { createMessageDocument } from "../client/message-document.ts";
import { createRelay } from "../reply/relay.ts";
import type { ServedModel } from "../served-model.ts";
import type { ChatChunk } from "../upstream/chat-chunk.ts";
import { readCompletion } from "../upstream/read-completion.ts";
import { brokenAnswer } from "../upstream/stream-broken.ts";
import { askModel } from "./ask-model.ts";
import { freshId } from "./fresh-id.ts";
import { targetNow } from "./ready-target.ts";
import type { MessageJob } from "./stream-message.ts";
import { readUpstreamText } from "./upstream-text.ts";

const MAX_ANSWER_BYTES = 64_000_000;

/** Answers with one JSON document, when the model has said all. */
export async function wholeMessage({ deps, call, request, served, plan }: MessageJob): Promise<JsonObject> {
  const { model } = served;
  const target = await targetNow(deps, call, served);
  const chat = { ...plan.chat, stream: false, stream_options: undefined };
  const answer = await askModel({ deps, call, model, target, chat });
  const text = await readUpstreamText(answer, MAX_ANSWER_BYTES);
  const document = createMessageDocument({ id: `msg_${freshId()}`, model: request.model });
  const relay = createRelay(plan, model, document, freshId);
  relay.push([chunkOf(text, model)]);
  call.markFirstToken();
  const { end, usage } = relay.end();
  call.usage = usage;
  return document.end(end, usage);
}

function chunkOf(text: string, model: ServedModel): ChatChunk {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw brokenAnswer("The model server's answer is no JSON.", cause);
  }
  return readCompletion(json, model);
}
