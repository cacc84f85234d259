import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import type { ModelRecord } from "../../../training/model.ts";
import { cancelModel } from "../../training/cancel-model.ts";
import { removeModel } from "../../training/remove-model.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, jsonBody, problems } from "../describe.ts";
import { modelDetailOf, modelSummaryOf } from "../model-detail.ts";
import { modelFilesOf } from "../model-files.ts";
import { scan } from "../scan.ts";
import { startRequested } from "../start-requested.ts";
import { unknownId } from "../validation.ts";
import { pathId } from "../wire/fields.ts";
import { modelFilesSchema, modelListQuery, modelListSchema, modelSchema, newModelBody } from "../wire/models.ts";
import { idempotencyHeader } from "../wire/runs.ts";

const modelParams = z.object({ modelId: pathId("my-service-20261122-081200-c3d4") });

export function addModels(app: OpenAPIHono<ControlEnv>, deps: ControlDeps): void {
  const { platform } = deps;

  const create = createRoute({
    method: "post",
    path: "/v1/trained-models",
    operationId: "startModel",
    summary: "Train a model on a run's dataset",
    description:
      "What can be known to be wrong is refused here; what the data or the base brings to light fails the model, which says why.",
    ...keyed(deps, "models:write"),
    request: { headers: idempotencyHeader, ...jsonBody(newModelBody) },
    responses: {
      200: json("The model that this Idempotency-Key started before.", modelSchema),
      202: { ...json("The model that is to be trained.", modelSchema), headers: z.object({ location: z.string() }) },
      ...problems(400, 404, 409, 413, 415, 422),
    },
  });
  app.openapi(create, async (context) => {
    const { model, isNew } = await startRequested(platform, context.get("key"), {
      ...context.req.valid("json"),
      idempotencyKey: context.req.valid("header")["idempotency-key"] ?? null,
    });
    const detail = await modelDetailOf(platform, model);
    if (!isNew) return context.json(detail, 200);
    return context.json(detail, 202, { location: `trained-models/${model.id}` });
  });

  const list = createRoute({
    method: "get",
    path: "/v1/trained-models",
    operationId: "listModels",
    summary: "Models, newest first",
    description: "With `state` or `runId`, a page may hold fewer than `limit` models and still have a `next`.",
    ...keyed(deps, "models:read"),
    request: { query: modelListQuery },
    responses: { 200: json("A page of models.", modelListSchema), ...problems(400) },
  });
  app.openapi(list, async (context) => {
    const { limit, after, state, runId } = context.req.valid("query");
    const page = await scan<ModelRecord>(
      (last, most) => {
        const from = last?.id ?? after;
        return platform.models.listModels({ limit: most, ...(from === undefined ? {} : { after: from }) });
      },
      (model) => (state === undefined || model.state === state) && (runId === undefined || model.runId === runId),
      limit,
    );
    return context.json({ models: page.rows.map(modelSummaryOf), next: page.last?.id ?? null }, 200);
  });

  const get = createRoute({
    method: "get",
    path: "/v1/trained-models/{modelId}",
    operationId: "getModel",
    summary: "Where a model stands, and where it comes from",
    ...keyed(deps, "models:read"),
    request: { params: modelParams },
    responses: { 200: json("The model.", modelSchema), ...problems(404) },
  });
  app.openapi(get, async (context) => {
    const model = await knownModel(deps, context.req.valid("param").modelId);
    return context.json(await modelDetailOf(platform, model), 200);
  });

  const files = createRoute({
    method: "get",
    path: "/v1/trained-models/{modelId}/files",
    operationId: "getModelFiles",
    summary: "The files of a trained model",
    ...keyed(deps, "models:read"),
    request: { params: modelParams },
    responses: { 200: json("Files with links.", modelFilesSchema), ...problems(404) },
  });
  app.openapi(files, async (context) => {
    const model = await knownModel(deps, context.req.valid("param").modelId);
    return context.json(await modelFilesOf(platform, model), 200);
  });

  const cancel = createRoute({
    method: "post",
    path: "/v1/trained-models/{modelId}/cancel",
    operationId: "cancelModel",
    summary: "End training for good",
    description: "Its machines are given back within minutes. Again is no error.",
    ...keyed(deps, "models:write"),
    request: { params: modelParams },
    responses: { 200: json("The model as it ended.", modelSchema), ...problems(404, 409) },
  });
  app.openapi(cancel, async (context) => {
    const { id } = await knownModel(deps, context.req.valid("param").modelId);
    return context.json(await modelDetailOf(platform, await cancelModel(platform, id)), 200);
  });

  const remove = createRoute({
    method: "delete",
    path: "/v1/trained-models/{modelId}",
    operationId: "removeModel",
    summary: "Remove a model with all its files",
    description: "Training that goes on is ended first. The model is gone when its files are, within minutes.",
    ...keyed(deps, "models:write"),
    request: { params: modelParams },
    responses: { 204: { description: "It is being removed." }, ...problems(404) },
  });
  app.openapi(remove, async (context) => {
    const { id } = await knownModel(deps, context.req.valid("param").modelId);
    await removeModel(platform, id);
    return context.body(null, 204);
  });
}

async function knownModel({ platform }: ControlDeps, modelId: string): Promise<ModelRecord> {
  const model = await platform.models.getModel(modelId);
  if (model === null) throw unknownId("modelId", modelId);
  return model;
}
