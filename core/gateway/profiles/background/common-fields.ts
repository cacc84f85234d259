import type { MessagesRequest } from "../../client/request.ts";
import type { ServedModel } from "../../served-model.ts";
import type { ChatRequest } from "../../upstream/chat-request.ts";

type CommonFields = Pick<
  ChatRequest,
  "model" | "max_tokens" | "temperature" | "top_p" | "top_k" | "stop" | "response_format" | "stream" | "stream_options"
>;

/**
 * What has nothing to do with messages and tools. For an `agent`'s turn a temperature of 1 counts as not said: it is the Messages
 * API's own default, which Claude Code 1.0 writes into every request, and the model's own sampling is better than it. And its answer is
 * not held to a schema: a server that writes by a schema can make no calls.
 */
export function commonFields(request: MessagesRequest, model: ServedModel, { agent }: { readonly agent: boolean }): CommonFields {
  const said = agent && request.temperature === 1 ? null : request.temperature;
  const topP = request.topP ?? model.sampling.topP;
  const topK = request.topK ?? model.sampling.topK;
  const stop = request.stopSequences.filter((text) => text !== "");
  return {
    model: model.upstreamName,
    ...optional("max_tokens", answerTokens(request, model)),
    ...optional("temperature", said ?? model.sampling.temperature),
    // Servers refuse what is outside of these.
    ...optional("top_p", topP !== null && topP > 0 && topP <= 1 ? topP : null),
    ...optional("top_k", topK !== null && topK >= 1 ? topK : null),
    ...optional("stop", stop.length > 0 ? stop : null),
    ...optional("response_format", agent ? null : responseFormat(request)),
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** The least of what the client asks, the model may write, and the window can hold beside a prompt of one token. */
function answerTokens({ maxTokens }: MessagesRequest, { maxOutputTokens, contextTokens }: ServedModel): number | null {
  const limits = [maxTokens, maxOutputTokens, contextTokens === null ? null : contextTokens - 1].filter((limit) => limit !== null);
  const asked = maxTokens ?? maxOutputTokens;
  return asked === null ? null : Math.max(1, Math.min(...limits));
}

const responseFormat = ({ outputSchema }: MessagesRequest) =>
  outputSchema === null ? null : { type: "json_schema", json_schema: { name: "answer", schema: outputSchema, strict: true } };

const optional = <K extends string, V>(key: K, value: V | null): { readonly [key in K]?: V } =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key widens the type
  (value === null ? {} : { [key]: value }) as { readonly [key in K]?: V };
