import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { DATASETS_PREFIX } from "../../../config/cloud/names.ts";
import { SeracError } from "../../../errors/index.ts";
import type { RunRecord } from "../../../svg/store.ts";
import type { ControlPlatform } from "../../platform.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, problems } from "../describe.ts";
import { LINKS_EXPIRE_MS } from "../link.ts";
import { datasetSchema } from "../wire/dataset.ts";
import { knownRun, runParams } from "./runs.ts";

const CARD = "README.md";
const AT_ONCE = 16;

export function addDataset(app: OpenAPIHono<ControlEnv>, deps: ControlDeps): void {
  const { platform } = deps;
  const get = createRoute({
    method: "get",
    path: "/v1/runs/{runId}/dataset",
    operationId: "getDataset",
    summary: "The files of a run's dataset",
    ...keyed(deps, "runs:read"),
    request: { params: runParams },
    responses: { 200: json("Files with links.", datasetSchema), ...problems(404) },
  });
  app.openapi(get, async (context) => {
    const run = await knownRun(deps, context.req.valid("param").runId);
    const paths = await pathsOf(platform, run);
    const expiresAt = new Date(platform.clock.now() + LINKS_EXPIRE_MS).toISOString();
    const files = [];
    for (let at = 0; at < paths.length; at += AT_ONCE) {
      files.push(...(await Promise.all(paths.slice(at, at + AT_ONCE).map((path) => fileOf(platform, run.id, path)))));
    }
    return context.json({ runId: run.id, rehearsal: run.rehearsal, formats: run.config.dataset.formats, files, expiresAt }, 200);
  });
}

const prefixOf = (runId: string): string => `${DATASETS_PREFIX}${runId}/`;

/** A card is written last: what no card covers is not whole, or being replaced. */
async function pathsOf({ artifacts }: ControlPlatform, run: RunRecord): Promise<readonly string[]> {
  const prefix = prefixOf(run.id);
  const paths: string[] = [];
  for await (const key of artifacts.list(prefix)) paths.push(key.slice(prefix.length));
  const isCard = (path: string): boolean => path === CARD || path.endsWith(`/${CARD}`);
  const cards = paths.filter(isCard);
  const covered = paths.filter((path) => !isCard(path) && cards.some((card) => path.startsWith(card.slice(0, -CARD.length))));
  if (cards.length > 0) return [...covered, ...cards];
  if (run.state === "finished") throw beingWritten(run.id);
  if (run.state === "cancelled") {
    throw new SeracError("artifact_missing", `Run ${run.id} has no dataset: it was cancelled.`, {
      hint: "What it accepted until then becomes its dataset within minutes; where it accepted nothing, there is none.",
    });
  }
  throw new SeracError("artifact_missing", `Run ${run.id} has no dataset yet: it is ${run.state}.`, {
    hint: "It is written when the last sample has ended.",
  });
}

const beingWritten = (runId: string): SeracError =>
  new SeracError("artifact_missing", `The dataset of ${runId} is being written anew.`, { hint: "Ask again in a minute." });

async function fileOf(platform: ControlPlatform, runId: string, path: string) {
  const key = `${prefixOf(runId)}${path}`;
  const facts = await platform.factsOf(key);
  if (facts === null) throw beingWritten(runId);
  const url = await platform.links.download(key, { expiresMs: LINKS_EXPIRE_MS, fileName: path.slice(path.lastIndexOf("/") + 1) });
  return { path, bytes: facts.bytes, version: facts.version, url };
}
