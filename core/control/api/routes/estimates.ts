import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { estimatePlan } from "../../../plan/estimate.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, jsonBody, problems } from "../describe.ts";
import { readConfig } from "../read-config.ts";
import { estimateBody, estimateSchema } from "../wire/estimate.ts";

export function addEstimates(app: OpenAPIHono<ControlEnv>, deps: ControlDeps): void {
  const create = createRoute({
    method: "post",
    path: "/v1/estimates",
    operationId: "estimate",
    summary: "What a run would cost",
    ...keyed(deps, "runs:read"),
    request: jsonBody(estimateBody),
    responses: { 200: json("Figures, and where they come from.", estimateSchema), ...problems(400, 413, 415, 422) },
  });
  app.openapi(create, (context) => {
    const { config, functions = null } = context.req.valid("json");
    return context.json(estimatePlan({ config: readConfig(config), functions }), 200);
  });
}
