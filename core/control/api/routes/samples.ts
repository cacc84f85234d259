import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { patchKey, trajectoryKey } from "../../../svg/names.ts";
import type { SampleRecord } from "../../../svg/sample.ts";
import type { ControlPlatform } from "../../platform.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, problems } from "../describe.ts";
import { linkTo, LINKS_EXPIRE_MS } from "../link.ts";
import { scan } from "../scan.ts";
import { unknownId } from "../validation.ts";
import { pathId } from "../wire/fields.ts";
import { sampleDetailSchema, sampleListQuery, sampleListSchema } from "../wire/samples.ts";
import { knownRun, runParams } from "./runs.ts";

export function addSamples(app: OpenAPIHono<ControlEnv>, deps: ControlDeps): void {
  const { platform } = deps;

  const list = createRoute({
    method: "get",
    path: "/v1/runs/{runId}/samples",
    operationId: "listSamples",
    summary: "Samples of a run",
    description: "With a `reason`, a page may hold fewer than `limit` samples and still have a `next`.",
    ...keyed(deps, "runs:read"),
    request: { params: runParams, query: sampleListQuery },
    responses: { 200: json("A page of samples.", sampleListSchema), ...problems(400, 404) },
  });
  app.openapi(list, async (context) => {
    const { id } = await knownRun(deps, context.req.valid("param").runId);
    const { state, reason, limit, after } = context.req.valid("query");
    const states = state === undefined ? {} : { states: [state] };
    const page = await scan<SampleRecord>(
      (last, most) => platform.store.listSamples(id, { ...states, afterIndex: last?.index ?? after ?? -1, limit: most }),
      (sample) => reason === undefined || sample.reason === reason,
      limit,
    );
    return context.json({ samples: page.rows, next: page.last?.index ?? null }, 200);
  });

  const get = createRoute({
    method: "get",
    path: "/v1/samples/{sampleId}",
    operationId: "getSample",
    summary: "One sample, with links to its trajectories and patches",
    ...keyed(deps, "runs:read"),
    request: { params: z.object({ sampleId: pathId("my-service-20261121-101500-a1b2-s000012") }) },
    responses: { 200: json("The sample.", sampleDetailSchema), ...problems(404) },
  });
  app.openapi(get, async (context) => {
    const { sampleId } = context.req.valid("param");
    const sample = await platform.store.getSample(sampleId);
    if (sample === null) throw unknownId("sampleId", sampleId);
    const expiresAt = new Date(platform.clock.now() + LINKS_EXPIRE_MS).toISOString();
    const rollouts = await Promise.all([
      ...(sample.firstRolloutId === null ? [] : [rolloutOf(platform, sample, "first", sample.firstRolloutId)]),
      ...(sample.secondRolloutId === null ? [] : [rolloutOf(platform, sample, "second", sample.secondRolloutId)]),
    ]);
    return context.json({ ...sample, rollouts, expiresAt }, 200);
  });
}

async function rolloutOf(platform: ControlPlatform, { runId }: SampleRecord, which: "first" | "second", rolloutId: string) {
  const [trajectory, patch] = await Promise.all([
    linkTo(platform, trajectoryKey(runId, rolloutId), `${rolloutId}.json.zst`),
    linkTo(platform, patchKey(runId, rolloutId), `${rolloutId}.diff`),
  ]);
  const replies = trajectory === null ? await repliesOf(platform, rolloutId) : null;
  return { which, rolloutId, trajectory, patch: trajectory === null ? null : patch, replies };
}

async function repliesOf({ journal }: ControlPlatform, rolloutId: string): Promise<number> {
  const entries = await journal.read(rolloutId);
  return entries.filter(({ type }) => type === "reply").length;
}
