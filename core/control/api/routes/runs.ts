import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { summarizeRun } from "../../../svg/pipeline/index.ts";
import type { RunRecord } from "../../../svg/store.ts";
import { cancelRun } from "../../cancel.ts";
import { resumeRun } from "../../resume.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, jsonBody, problems } from "../describe.ts";
import { detailOf } from "../run-detail.ts";
import { scan } from "../scan.ts";
import { startUploaded } from "../start-uploaded.ts";
import { unknownId } from "../validation.ts";
import { pathId } from "../wire/fields.ts";
import { idempotencyHeader, newRunBody, resumeBody, runDetailSchema, runListQuery, runListSchema, runSummarySchema } from "../wire/runs.ts";

const MICRO = 1_000_000;

export const runParams = z.object({ runId: pathId("my-service-20261121-101500-a1b2") });

export function addRuns(app: OpenAPIHono<ControlEnv>, deps: ControlDeps): void {
  const { platform } = deps;

  const create = createRoute({
    method: "post",
    path: "/v1/runs",
    operationId: "startRun",
    summary: "Start a run on an uploaded archive",
    ...keyed(deps, "runs:write"),
    request: { headers: idempotencyHeader, ...jsonBody(newRunBody) },
    responses: {
      200: json("The run that this Idempotency-Key started before.", runDetailSchema),
      201: { ...json("The new run.", runDetailSchema), headers: z.object({ location: z.string() }) },
      ...problems(400, 409, 413, 415, 422),
    },
  });
  app.openapi(create, async (context) => {
    const { run, isNew } = await startUploaded(platform, context.get("key"), {
      ...context.req.valid("json"),
      idempotencyKey: context.req.valid("header")["idempotency-key"] ?? null,
    });
    const detail = await detailOf(platform, run);
    if (!isNew) return context.json(detail, 200);
    // Relative: in front of the path there may be the name of a stage.
    return context.json(detail, 201, { location: `runs/${run.id}` });
  });

  const list = createRoute({
    method: "get",
    path: "/v1/runs",
    operationId: "listRuns",
    summary: "Runs, newest first",
    ...keyed(deps, "runs:read"),
    request: { query: runListQuery },
    responses: { 200: json("A page of runs.", runListSchema), ...problems(400) },
  });
  app.openapi(list, async (context) => {
    const { limit, after, state } = context.req.valid("query");
    const page = await scan<RunRecord>(
      (last, most) => {
        const from = last?.id ?? after;
        return platform.store.listRuns({ limit: most, ...(from === undefined ? {} : { after: from }) });
      },
      (run) => state === undefined || run.state === state,
      limit,
    );
    const runs = await Promise.all(page.rows.map((run) => summarizeRun(platform, run.id)));
    return context.json({ runs, next: page.last?.id ?? null }, 200);
  });

  const get = createRoute({
    method: "get",
    path: "/v1/runs/{runId}",
    operationId: "getRun",
    summary: "Where a run stands",
    ...keyed(deps, "runs:read"),
    request: { params: runParams },
    responses: { 200: json("The run.", runDetailSchema), ...problems(404) },
  });
  app.openapi(get, async (context) => {
    const run = await knownRun(deps, context.req.valid("param").runId);
    return context.json(await detailOf(platform, run), 200);
  });

  const cancel = createRoute({
    method: "post",
    path: "/v1/runs/{runId}/cancel",
    operationId: "cancelRun",
    summary: "End a run for good",
    description: "What it accepted stays. Again is no error.",
    ...keyed(deps, "runs:write"),
    request: { params: runParams },
    responses: { 200: json("The run as it ended.", runSummarySchema), ...problems(404, 409) },
  });
  app.openapi(cancel, async (context) => {
    const { id } = await knownRun(deps, context.req.valid("param").runId);
    return context.json(await cancelRun(platform, id), 200);
  });

  const resume = createRoute({
    method: "post",
    path: "/v1/runs/{runId}/resume",
    operationId: "resumeRun",
    summary: "Go on with a paused or failed run",
    ...keyed(deps, "runs:write"),
    request: { params: runParams, ...jsonBody(resumeBody) },
    responses: { 200: json("The run as it goes on.", runSummarySchema), ...problems(400, 404, 409, 413, 415, 422) },
  });
  app.openapi(resume, async (context) => {
    const { id } = await knownRun(deps, context.req.valid("param").runId);
    const { budgetUsd, retryFailed } = context.req.valid("json");
    const budget = budgetUsd === undefined ? {} : { budgetMicroUsd: budgetUsd === null ? null : Math.round(budgetUsd * MICRO) };
    return context.json(await resumeRun(platform, id, { ...budget, retryFailed }), 200);
  });
}

export async function knownRun({ platform }: ControlDeps, runId: string): Promise<RunRecord> {
  const run = await platform.store.getRun(runId);
  if (run === null) throw unknownId("runId", runId);
  return run;
}
