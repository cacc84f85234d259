import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { estimatePlan } from "../../../plan/estimate.ts";
import { measureEarlier } from "../../../svg/earlier/measure-earlier.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, jsonBody, problems } from "../describe.ts";
import { readConfig } from "../read-config.ts";
import { trainingOf } from "../training-estimate.ts";
import { estimateBody, estimateSchema } from "../wire/estimate.ts";

/** Fewer than on one machine: somebody waits, and each is two objects of S3 to unpack. */
const MOST_SAMPLES = 40;

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
  app.openapi(create, async (context) => {
    const { config: given, functions = null, assume = false } = context.req.valid("json");
    const config = readConfig(given);
    const measured = assume ? null : await measureEarlier(deps.platform, config, { most: MOST_SAMPLES });
    const plan = estimatePlan({ config, functions, measured });
    const { training, notes } = trainingOf(deps.platform, config, plan.samples.planned, measured);
    return context.json({ ...plan, training, notes: [...plan.notes, ...notes] }, 200);
  });
}
