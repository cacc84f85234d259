import type { GatewayDeps } from "../deps.ts";
import type { ServedModel } from "../served-model.ts";
import type { Call } from "./call.ts";
import { jsonAnswer } from "./json-answer.ts";
import { problem } from "./problem.ts";

/** `GET /v1/models`, in the form of the API that the client speaks. All on one page, whatever limit or cursor it names. */
export function listModels(deps: GatewayDeps, call: Call, http: Request): Response {
  const models = deps.models.map(({ model }) => model);
  if (!speaksMessages(http)) return jsonAnswer(call, { object: "list", data: models.map(openAiModel) });
  return jsonAnswer(call, {
    data: models.map(messagesModel),
    has_more: false,
    first_id: models[0]?.name ?? null,
    last_id: models.at(-1)?.name ?? null,
  });
}

/** `GET /v1/models/:id` */
export function oneModel(deps: GatewayDeps, call: Call, http: Request, id: string): Response {
  const model = deps.models.map((served) => served.model).find(({ name }) => name === id);
  if (model === undefined) throw problem(404, "not_found_error", `There is no model ${JSON.stringify(id)}.`);
  return jsonAnswer(call, speaksMessages(http) ? messagesModel(model) : openAiModel(model));
}

export const speaksMessages = (http: Request): boolean => http.headers.has("anthropic-version");

const messagesModel = ({ name, contextTokens, maxOutputTokens }: ServedModel) => ({
  type: "model",
  id: name,
  display_name: name,
  // The API's word for an unknown day.
  created_at: "1970-01-01T00:00:00Z",
  max_input_tokens: contextTokens,
  max_tokens: maxOutputTokens,
});

const openAiModel = ({ name, contextTokens }: ServedModel) => ({
  id: name,
  object: "model",
  created: 0,
  owned_by: "serac",
  ...(contextTokens === null ? {} : { max_model_len: contextTokens }),
});
