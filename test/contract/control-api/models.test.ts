import { describe, expect, it } from "vitest";
import { estimateSchema } from "../../../core/control/api/wire/estimate.ts";
import { modelFilesSchema, modelListSchema, modelSchema } from "../../../core/control/api/wire/models.ts";
import { DATASET_MANIFEST_SCHEMA, datasetManifestJson } from "../../../core/dataset/manifest.ts";
import type { RunChange } from "../../../core/svg/store.ts";
import { progressKey } from "../../../core/training/names.ts";
import { configOf } from "../control/support/place.ts";
import { BASE, putResult, PUBLISHED, TRAINING } from "../control/support/training.ts";
import { runRecord } from "../store/sample-data.ts";
import { ask } from "./asking.ts";
import { startDeployment, type Deployment } from "./deployment.ts";

const PATH = "/v1/trained-models";
const RUN = "run1";
const TRAIN = { base: BASE, contextTokens: 4096, batchSize: 8 };

async function withRun(change: RunChange = {}): Promise<{ deployment: Deployment; key: string } & AsyncDisposable> {
  const deployment = await startDeployment(undefined, TRAINING);
  const record = runRecord({
    id: RUN,
    state: "finished",
    rehearsal: false,
    dataset: "s3://bucket/datasets/run1",
    config: configOf({ train: TRAIN }),
  });
  await deployment.platform.store.createRun({ ...record, ...change });
  return { deployment, key: await deployment.newKey(), [Symbol.asyncDispose]: () => deployment[Symbol.asyncDispose]() };
}

const start = ({ deployment, key }: { deployment: Deployment; key: string }, body: object, headers: Record<string, string> = {}) =>
  ask(deployment, "POST", PATH, { key, body: { runId: RUN, ...body }, headers });

describe("models", () => {
  it("are started on a run, with its own settings and others, and told of", async () => {
    await using open = await withRun();
    const { deployment, key } = open;
    const started = await start(open, { name: "mine", train: { epochs: 1, base: "Qwen/Qwen3-8B" } });
    expect(started.status).toBe(202);
    const model = modelSchema.strict().parse(started.body);
    expect(model).toMatchObject({ name: "mine", state: "preparing", runId: RUN, base: "Qwen/Qwen3-8B", method: "lora", progress: null });
    expect(model.config).toMatchObject({ epochs: 1, contextTokens: 4096, loraRank: 32 });
    expect(new URL(started.headers.get("location")!, `${deployment.url}${PATH}`).pathname).toBe(`${PATH}/${model.id}`);
    expect((await ask(deployment, "GET", `${PATH}/${model.id}`, { key })).body).toEqual(started.body);
    const tasks = await deployment.platform.queue.receive("train", 10, 1000);
    expect(tasks.map(({ body }) => JSON.parse(body))).toEqual([{ kind: "start", modelId: model.id }]);
    const { models } = modelListSchema.strict().parse((await ask(deployment, "GET", PATH, { key })).body);
    expect(models.map(({ id }) => id)).toEqual([model.id]);
  });

  it("are the same model for the same Idempotency-Key, also at the same moment", async () => {
    await using open = await withRun();
    const once = { "idempotency-key": "once" };
    const answers = await Promise.all([start(open, {}, once), start(open, {}, once), start(open, {}, once)]);
    expect((await start(open, {}, once)).status).toBe(200);
    expect(new Set(answers.map(({ body }) => body["id"])).size).toBe(1);
    expect(await open.deployment.platform.models.listModels()).toHaveLength(1);
    expect((await start(open, { name: "other" }, once)).body).toMatchObject({ status: 409, code: "state_conflict" });
    // A run's key of the same text is another.
    expect((await start(open, {})).body["id"]).not.toBe(answers[0].body["id"]);
  });

  it.each([
    ["an unknown run", {}, { runId: "run9" }, 404, "run_unknown", /no run "run9"/],
    ["a run that goes on", { state: "running", dataset: null }, {}, 409, "state_conflict", /no dataset to train on: it is running/],
    ["a rehearsal", { rehearsal: true }, {}, 422, "training_unfit", /rehearsal/],
    ["a mistake", {}, { train: { epoch: 2 } }, 422, "config_invalid", /train\.epoch is no known key; did you mean train\.epochs\?/],
    ["a wrong value", {}, { train: { loraRank: 0 } }, 422, "config_invalid", /train\.loraRank/],
    [
      "a folder as base",
      {},
      { train: { base: "/models/qwen" } },
      422,
      "training_unfit",
      /allowed in the cloud is the name of a model below/,
    ],
    ["a way out of the bases", {}, { train: { base: "Qwen/../../runs" } }, 422, "training_unfit", /train\.base/],
    ["a machine that is not offered", {}, { train: { machine: "p4d.24xlarge" } }, 422, "training_unfit", /p4d\.24xlarge/],
    ["what fits nowhere", {}, { train: { base: "Qwen/Qwen3-32B", method: "full" } }, 422, "training_unfit", /fits no machine/],
    ["an unknown key", {}, { trian: {} }, 400, "usage", /did you mean train\?/],
  ] as const)("are not made of %s", async (_what, run, body, status, code, said) => {
    await using open = await withRun(run);
    const { body: problem } = await start(open, body);
    expect(problem).toMatchObject({ status, code, detail: expect.stringMatching(said) });
    expect(await open.deployment.platform.models.listModels()).toEqual([]);
    expect(await open.deployment.platform.queue.receive("train", 1, 1000)).toEqual([]);
  });

  it("are not trained where nothing is", async () => {
    await using open = await withRun();
    await using none = await startDeployment();
    await none.platform.store.createRun((await open.deployment.platform.store.getRun(RUN))!);
    const answer = await start({ deployment: none, key: await none.newKey() }, {});
    expect(answer.body).toMatchObject({ status: 422, code: "training_unfit", hint: expect.stringContaining("docs/aws.md") });
  });

  it("tell how far they are, and give out their files when they are ready", async () => {
    await using open = await withRun();
    const { deployment, key } = open;
    const { models, artifacts } = deployment.platform;
    const { body } = await start(open, {});
    const id = String(body["id"]);
    const files = (): ReturnType<typeof ask> => ask(deployment, "GET", `${PATH}/${id}/files`, { key });
    expect((await files()).body).toMatchObject({
      status: 404,
      code: "artifact_missing",
      detail: expect.stringContaining("it is preparing"),
    });
    await models.changeModel(id, ["preparing"], { state: "training", job: { jobId: "job-1", attempts: 1 } });
    const step = { event: "step", at: "2026-01-01T00:00:00.000Z", step: 3, steps: 10, epoch: 0.3, loss: 1.5, learningRate: 1e-4 };
    const more = { gradNorm: null, tokensPerSecond: 5000, tokens: 15_000, etaSeconds: 41.2 };
    await artifacts.put(progressKey(id), Buffer.from(`${JSON.stringify({ ...step, ...more })}\n`));
    const training = modelSchema.strict().parse((await ask(deployment, "GET", `${PATH}/${id}`, { key })).body);
    expect(training).toMatchObject({ state: "training", etaSeconds: 42, progress: { event: "step", step: 3, steps: 10, loss: 1.5 } });
    // What a trainer left that is no event is nothing.
    await artifacts.put(progressKey(id), Buffer.from("<html>"));
    expect((await ask(deployment, "GET", `${PATH}/${id}`, { key })).body).toMatchObject({ progress: null, etaSeconds: null });

    await putResult(artifacts, id);
    await models.changeModel(id, ["training"], { state: "ready", result: PUBLISHED, costMicroUsd: 1_230_000 });
    const ready = modelSchema.strict().parse((await ask(deployment, "GET", `${PATH}/${id}`, { key })).body);
    expect(ready).toMatchObject({
      state: "ready",
      costMicroUsd: 1_230_000,
      metrics: { lastLoss: 0.5 },
      location: artifacts.locate(`models/${id}/model`),
    });
    const listed = modelFilesSchema.strict().parse((await files()).body);
    expect(listed.files.map(({ path }) => path)).toEqual(["adapter_model.safetensors", "MANIFEST.json"]);
    expect(await (await fetch(listed.files[0]!.url)).text()).toBe("weights");
  });

  it("are listed by state and run, page by page", async () => {
    await using open = await withRun();
    const { deployment, key } = open;
    for (let n = 0; n < 5; n++) await start(open, { name: `m${n}` });
    const list = async (query: string) => modelListSchema.parse((await ask(deployment, "GET", `${PATH}?${query}`, { key })).body);
    const [first] = (await list("limit=1")).models;
    await deployment.platform.models.changeModel(first!.id, ["preparing"], { state: "failed" });
    const page = await list("limit=2&state=preparing");
    expect(page.models.map(({ name }) => name)).toEqual(["m3", "m2"]);
    expect((await list(`limit=2&state=preparing&after=${page.next}`)).models.map(({ name }) => name)).toEqual(["m1", "m0"]);
    expect((await list("runId=run9")).models).toEqual([]);
    expect((await ask(deployment, "GET", `${PATH}?state=broken`, { key })).body).toMatchObject({ status: 400 });
  });

  it("are cancelled and removed by tasks", async () => {
    await using open = await withRun();
    const { deployment, key } = open;
    const id = String((await start(open, {})).body["id"]);
    const cancel = () => ask(deployment, "POST", `${PATH}/${id}/cancel`, { key });
    expect((await cancel()).body).toMatchObject({ id, state: "cancelled" });
    expect((await cancel()).status).toBe(200);
    expect((await ask(deployment, "DELETE", `${PATH}/${id}`, { key })).status).toBe(204);
    const kinds = (await deployment.platform.queue.receive("train", 10, 1000)).map(
      ({ body }) => (JSON.parse(body) as { kind: string }).kind,
    );
    expect(new Set(kinds)).toEqual(new Set(["start", "watch", "remove"]));
    for (const [method, path] of [
      ["GET", "/x"],
      ["GET", "/x/files"],
      ["POST", "/x/cancel"],
      ["DELETE", "/x"],
    ] as const) {
      expect((await ask(deployment, method, `${PATH}${path}`, { key })).body).toMatchObject({ status: 404, code: "model_unknown" });
    }
  });

  it("may be read and started with a key for runs, and a key for models may nothing else", async () => {
    await using open = await withRun();
    const { deployment } = open;
    const runs = await deployment.newKey("runs:read", "runs:write");
    expect((await start({ deployment, key: runs }, {})).status).toBe(202);
    expect((await ask(deployment, "GET", PATH, { key: runs })).status).toBe(200);
    const models = await deployment.newKey("models:read", "models:write");
    expect((await start({ deployment, key: models }, {})).status).toBe(202);
    expect((await ask(deployment, "GET", "/v1/runs", { key: models })).status).toBe(403);
  });

  it("are not made of a run whose dataset is empty, or would cost more than they may", async () => {
    await using open = await withRun();
    const { artifacts } = open.deployment.platform;
    const part = (rows: number) => ({ rows, tokens: rows * 20_000, trainedTokens: rows * 3000, textsSha256: "0".repeat(64) });
    const dataset = (rows: number) =>
      artifacts.put(
        `datasets/${RUN}/dataset.json`,
        Buffer.from(
          datasetManifestJson({
            ...{ schema: DATASET_MANIFEST_SCHEMA, runId: RUN, repository: "one", commit: null, format: "hermes", toolsets: ["swe-agent"] },
            ...{ rehearsal: false, templateSha256: null, tokenizer: "qwen3", contextTokens: 32_768, seracVersion: "0.0.0-test" },
            ...{ textsSha256: "0".repeat(64), t1: part(rows), t2: part(rows) },
          }),
        ),
      );
    await dataset(0);
    expect((await start(open, {})).body).toMatchObject({
      status: 422,
      code: "training_unfit",
      detail: expect.stringContaining("has no row"),
    });
    await dataset(4000);
    expect((await start(open, { train: { maxUsd: 1 } })).body).toMatchObject({
      status: 422,
      detail: expect.stringContaining("train.maxUsd ($1)"),
    });
    expect((await start(open, { train: { maxUsd: 10_000 } })).status).toBe(202);
  });

  it("are in the estimate of a run with a `train` section", async () => {
    await using open = await withRun();
    const estimate = async (deployment: Deployment, config: object) => {
      const { body } = await ask(deployment, "POST", "/v1/estimates", { key: await deployment.newKey(), body: { config, functions: 120 } });
      expect(estimateSchema.strict().parse(body)).toEqual(body);
      return estimateSchema.parse(body);
    };
    const { training } = await estimate(open.deployment, { train: TRAIN });
    expect(training).toMatchObject({ base: BASE, method: "lora", chosen: { choice: { machine: "g6e.xlarge" } }, unfit: null });
    expect(training!.machines.every(({ choice }) => TRAINING.machines.some(({ machine }) => machine === choice.machine))).toBe(true);
    expect(await estimate(open.deployment, {})).toMatchObject({ training: null });
    const unknown = await estimate(open.deployment, { train: { base: "ours/new" } });
    expect(unknown).toMatchObject({ training: null, notes: expect.arrayContaining([expect.stringContaining("ours/new")]) });
    await using none = await startDeployment();
    const elsewhere = await estimate(none, { train: { base: "Qwen/Qwen3-32B", method: "full" } });
    expect(elsewhere.training!.chosen).not.toBeNull();
    expect(elsewhere.notes.join(" ")).toContain("trains no models");
  });
});
