import type { GatewayDeps } from "../deps.ts";
import type { ServedModel } from "../served-model.ts";
import type { ChatRequest } from "../upstream/chat-request.ts";
import { refusalOf } from "../upstream/refusal.ts";
import type { UpstreamTarget } from "../upstream/upstream.ts";
import { Problem } from "./problem.ts";
import { readUpstreamText } from "./upstream-text.ts";

/** vLLM answers with the ids of all tokens beside their number. */
const MAX_ANSWER_BYTES = 32_000_000;

/**
 * The tokens of a prompt as its server counts them, or else as the gateway's own tokenizer does; null where neither can. Throws a
 * Problem when the server says that the prompt is too long.
 */
export async function countPrompt(
  { upstream, countTokens }: GatewayDeps,
  model: ServedModel,
  target: UpstreamTarget | null,
  chat: ChatRequest,
  signal: AbortSignal,
): Promise<number | null> {
  if (target !== null) {
    const response = await upstream.send({ target, method: "POST", path: "/tokenize", body: tokenizeBody(chat), signal });
    const text = await readUpstreamText(response, MAX_ANSWER_BYTES);
    const count = response.status === 200 ? countOf(text) : null;
    if (count !== null) return count;
    const { error, overflow } = refusalOf({ ...response, body: text }, model);
    if (overflow !== null) throw new Problem(error);
  }
  return countTokens === null ? null : countTokens(chat, model);
}

/** vLLM's own addition to the API, `TokenizeChatRequest` in its protocol. */
const tokenizeBody = ({ model, messages, tools }: ChatRequest): string =>
  JSON.stringify({ model, messages, tools, add_generation_prompt: true });

function countOf(text: string): number | null {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null || !("count" in json)) return null;
    return typeof json.count === "number" && Number.isSafeInteger(json.count) && json.count >= 0 ? json.count : null;
  } catch {
    return null;
  }
}
