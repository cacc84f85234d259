import { describe, expect, it } from "vitest";
import { runDetailSchema, runListSchema, runSummarySchema } from "../../../core/control/api/wire/runs.ts";
import { sampleDetailSchema, sampleListSchema } from "../../../core/control/api/wire/samples.ts";
import { datasetSchema } from "../../../core/control/api/wire/dataset.ts";
import { estimateSchema } from "../../../core/control/api/wire/estimate.ts";
import { uploadSchema } from "../../../core/control/api/wire/uploads.ts";
import { patchKey, trajectoryKey } from "../../../core/svg/names.ts";
import { manualClock } from "../store/manual-clock.ts";
import { runRecord, sampleRecord } from "../store/sample-data.ts";
import { ask } from "./asking.ts";
import { startDeployment, type Deployment } from "./deployment.ts";

const CONFIG = {
  teacher: { baseUrl: "https://teacher.example.com/v1", model: "GLM-4.5-Air", apiKeySecret: "serac/teacher" },
  plan: { samples: 4 },
};

async function uploaded(deployment: Deployment, key: string, content = "an archive"): Promise<string> {
  const { status, body } = await ask(deployment, "POST", "/v1/uploads", { key, body: { bytes: content.length, format: "tar.gz" } });
  expect(status).toBe(201);
  const { uploadId, url, headers } = uploadSchema.strict().parse(body);
  const put = await fetch(url, { method: "PUT", body: content, headers });
  expect(put.status).toBe(200);
  return uploadId;
}

describe("runs", () => {
  it("start on an upload, and are told of", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:write", "runs:read");
    const uploadId = await uploaded(deployment, key);
    const started = await ask(deployment, "POST", "/v1/runs", { key, body: { config: CONFIG, name: "parcels", uploadId } });
    expect(started.status).toBe(201);
    const run = runDetailSchema.strict().parse(started.body);
    expect(new URL(started.headers.get("location")!, `${deployment.url}/v1/runs`).pathname).toBe(`/v1/runs/${run.runId}`);
    expect(run).toMatchObject({ name: "parcels", state: "preparing", archive: { drop: null }, samplesPerMinute: null, etaSeconds: null });
    expect(run.config).toMatchObject({ plan: { samples: 4, seed: 1 } });
    expect((await ask(deployment, "GET", `/v1/runs/${run.runId}`, { key })).body).toEqual(started.body);
    const tasks = await deployment.platform.queue.receive("prepare", 10, 1000);
    expect(tasks.map(({ body }) => JSON.parse(body))).toMatchObject([{ runId: run.runId }]);
  });

  it("are the same run for the same Idempotency-Key, also at the same moment", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    const uploadId = await uploaded(deployment, key);
    const start = (name: string, by = key) =>
      ask(deployment, "POST", "/v1/runs", { key: by, body: { config: CONFIG, name, uploadId }, headers: { "idempotency-key": "once" } });
    const answers = await Promise.all([start("a"), start("a"), start("a")]);
    const again = await start("a");
    expect(again.status).toBe(200);
    expect(new Set([...answers, again].map(({ body }) => body["runId"])).size).toBe(1);
    expect(await deployment.platform.store.listRuns()).toHaveLength(1);
    expect((await start("b")).body).toMatchObject({ code: "state_conflict", status: 409 });
    // Another client's keys are its own.
    expect((await start("a", await deployment.newKey())).body["runId"]).not.toBe(again.body["runId"]);
  });

  it("are not made of nothing", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    const upload = await ask(deployment, "POST", "/v1/uploads", { key, body: { bytes: 10, format: "zip" } });
    const answer = await ask(deployment, "POST", "/v1/runs", { key, body: { config: CONFIG, uploadId: upload.body["uploadId"] } });
    expect(answer.body).toMatchObject({ status: 422, code: "archive_unreadable" });
    expect(await deployment.platform.store.listRuns()).toEqual([]);
  });

  it.each([
    [{ teacher: { ...CONFIG.teacher, modle: "x" } }, ["config.teacher.modle"], /did you mean teacher.model\?/],
    [{ ...CONFIG, plan: { samples: 0 } }, ["config.plan.samples"], /plan\.samples: found 0; allowed: a whole number from 1/],
    [{ ...CONFIG, plan: { samples: "many" }, budget: { usd: -1 } }, ["config.plan.samples", "config.budget.usd"], /plan\.samples/],
    [{}, ["config.teacher"], /no teacher is given/],
    [
      { teacher: { ...CONFIG.teacher, apiKeySecret: undefined, apiKeyEnv: "TEACHER_KEY" } },
      ["config.teacher.apiKeyEnv"],
      /AWS Secrets Manager/,
    ],
    [{ ...CONFIG, environment: { mounts: ["/opt/tools"] } }, ["config.environment.mounts"], /not there in the cloud/],
  ])("are refused with every mistake of their configuration: %j", async (config, keys, said) => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    const { status, body } = await ask<{ errors: { key: string; message: string }[] }>(deployment, "POST", "/v1/runs", {
      key,
      body: { config, uploadId: "4fGh2kLmN8pQrS6tUvWxYz01.tar.gz" },
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "config_invalid" });
    expect(body.errors.map((error) => error.key)).toEqual(keys);
    expect(body.errors[0]!.message).toMatch(said);
  });

  it("are listed newest first, in pages, by state", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:read");
    const { store } = deployment.platform;
    for (let at = 0; at < 7; at += 1) {
      const state = at % 2 === 0 ? "running" : "paused";
      await store.createRun(runRecord({ id: `run${at}`, state, createdAt: `2026-01-01T00:00:0${at}.000Z` }));
    }
    const idsOf = async (query: string): Promise<{ ids: string[]; next: string | null }> => {
      const { status, body } = await ask(deployment, "GET", `/v1/runs${query}`, { key });
      expect(status).toBe(200);
      const { runs, next } = runListSchema.strict().parse(body);
      return { ids: runs.map(({ runId }) => runId), next };
    };
    expect(await idsOf("")).toEqual({ ids: ["run6", "run5", "run4", "run3", "run2", "run1", "run0"], next: null });
    const first = await idsOf("?limit=2&state=running");
    expect(first.ids).toEqual(["run6", "run4"]);
    const second = await idsOf(`?limit=2&state=running&after=${first.next}`);
    expect(second).toEqual({ ids: ["run2", "run0"], next: null });
    expect(await idsOf("?limit=7")).toMatchObject({ next: null });
    expect(await idsOf("?after=nothing")).toEqual({ ids: [], next: null });
  });

  it("say how fast they go while they do", async () => {
    const clock = manualClock();
    await using deployment = await startDeployment(clock);
    const key = await deployment.newKey("runs:read");
    const { store } = deployment.platform;
    await store.createRun(runRecord({ planned: 40, createdAt: new Date(clock.now()).toISOString() }));
    await store.addSamples(Array.from({ length: 10 }, (_, index) => sampleRecord(index, { state: "rejected", reason: "no_change" })));
    clock.advance(10 * 60_000);
    const { body } = await ask(deployment, "GET", "/v1/runs/run1", { key });
    expect(body).toMatchObject({ done: 10, rejected: 10, samplesPerMinute: 1, etaSeconds: 30 * 60 });
    await store.changeRun("run1", ["running"], { state: "paused" });
    expect((await ask(deployment, "GET", "/v1/runs/run1", { key })).body).toMatchObject({ samplesPerMinute: null, etaSeconds: null });
  });

  it("are cancelled, once and again, and then not resumed", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:write", "runs:read");
    await deployment.platform.store.createRun(runRecord());
    for (let time = 0; time < 2; time += 1) {
      const { status, body } = await ask(deployment, "POST", "/v1/runs/run1/cancel", { key });
      expect(status).toBe(200);
      expect(runSummarySchema.strict().parse(body)).toMatchObject({ state: "cancelled" });
    }
    const { body: dataset } = await ask(deployment, "GET", "/v1/runs/run1/dataset", { key });
    expect(dataset).toMatchObject({ status: 404, code: "artifact_missing", detail: "Run run1 has no dataset: it was cancelled." });
    const resumed = await ask(deployment, "POST", "/v1/runs/run1/resume", { key, body: {} });
    expect(resumed.body).toMatchObject({ status: 409, code: "run_not_resumable" });
  });

  it("are resumed with another budget, or none", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:write");
    const { store } = deployment.platform;
    await store.createRun(runRecord({ state: "paused", planned: 1 }));
    const { status, body } = await ask(deployment, "POST", "/v1/runs/run1/resume", { key, body: { budgetUsd: 12.5 } });
    expect(status).toBe(200);
    expect(runSummarySchema.strict().parse(body)).toMatchObject({ state: "preparing", spend: { budgetMicroUsd: 12_500_000 } });
    await ask(deployment, "POST", "/v1/runs/run1/resume", { key, body: { budgetUsd: null } });
    expect((await store.spend("run1")).budgetMicroUsd).toBeNull();
  });
});

describe("samples", () => {
  it("are listed by index, in pages, by state and reason", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:read");
    const { store } = deployment.platform;
    await store.createRun(runRecord({ planned: 450 }));
    const reasons = ["low_recall", "no_change"] as const;
    await store.addSamples(
      Array.from({ length: 450 }, (_, index) =>
        sampleRecord(index, index % 3 === 0 ? {} : { state: "rejected", reason: reasons[index % 2]! }),
      ),
    );
    const all: number[] = [];
    for (let after = ""; ;) {
      const { body } = await ask(deployment, "GET", `/v1/runs/run1/samples?state=rejected&reason=no_change&limit=50${after}`, { key });
      const { samples, next } = sampleListSchema.strict().parse(body);
      all.push(...samples.map(({ index }) => index));
      expect(samples.length).toBeLessThanOrEqual(50);
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(all).toEqual(Array.from({ length: 450 }, (_, index) => index).filter((index) => index % 3 !== 0 && index % 2 === 1));
    expect((await ask(deployment, "GET", "/v1/runs/run1/samples?state=done", { key })).body).toMatchObject({ status: 400, code: "usage" });
    expect((await ask(deployment, "GET", "/v1/runs/run2/samples", { key })).body).toMatchObject({ status: 404, code: "run_unknown" });
  });

  it("have links to what they left, and say how far they are", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:read");
    const { store, artifacts, journal } = deployment.platform;
    await store.createRun(runRecord({ planned: 1 }));
    const sample = sampleRecord(0, {
      state: "second",
      attempts: 1,
      firstRolloutId: "r-first1",
      secondRolloutId: "r-second1",
      firstAccepted: true,
    });
    await store.addSamples([sample]);
    await artifacts.put(trajectoryKey("run1", "r-first1"), Buffer.from("steps"));
    await artifacts.put(patchKey("run1", "r-first1"), Buffer.from("+ a line"));
    await journal.append("r-second1", 0, { type: "start", version: 1, toolset: "mini", messages: [], at: "2026-01-01T00:00:00.000Z" });
    const { body } = await ask(deployment, "GET", `/v1/samples/${sample.id}`, { key });
    const { rollouts, ...rest } = sampleDetailSchema.strict().parse(body);
    expect(rest).toMatchObject(sample);
    expect(rollouts[1]).toEqual({ which: "second", rolloutId: "r-second1", trajectory: null, patch: null, replies: 0 });
    const [first] = rollouts;
    expect(first).toMatchObject({ trajectory: { bytes: 5 }, patch: { bytes: 8 }, replies: null });
    expect(await (await fetch(first!.patch!.url)).text()).toBe("+ a line");
    expect((await ask(deployment, "GET", "/v1/samples/run1-s999999", { key })).body).toMatchObject({ status: 404, code: "sample_unknown" });
  });
});

describe("datasets", () => {
  it("are whole or not there", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:read");
    const { store, artifacts } = deployment.platform;
    await store.createRun(runRecord());
    await artifacts.put("datasets/run1/t1/train-00000.jsonl", Buffer.from("{}\n"));
    expect((await ask(deployment, "GET", "/v1/runs/run1/dataset", { key })).body).toMatchObject({ status: 404, code: "artifact_missing" });
    await artifacts.put("datasets/run1/README.md", Buffer.from("# card"));
    const { body } = await ask(deployment, "GET", "/v1/runs/run1/dataset", { key });
    const { files, formats } = datasetSchema.strict().parse(body);
    expect(formats).toEqual(["hermes"]);
    expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ["t1/train-00000.jsonl", 3],
      ["README.md", 6],
    ]);
    expect(await (await fetch(files[0]!.url)).text()).toBe("{}\n");
  });
});

describe("estimates", () => {
  it("are those of `serac estimate`", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:read");
    const { body } = await ask(deployment, "POST", "/v1/estimates", { key, body: { config: { plan: { samples: 800 } }, functions: 120 } });
    expect(estimateSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({ functions: 120, samples: { requested: 800 } });
  });
});
