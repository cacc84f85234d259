import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trainingEventSchema, type TrainingEvent } from "../../../core/training/events.ts";
import type { ModelState } from "../../../core/training/model.ts";
import { checkpointsPrefix, jobKey, metricsKey, modelPrefix } from "../../../core/training/names.ts";
import type { CloudModel, ControlClient } from "../../../drivers/control-client/index.ts";
import type { BatchJob } from "../../cloud/batch-job.ts";
import { jsonLines, scratch, startSerac, type Running } from "../serac.ts";
import { archiveOf, keysBelow, put, reported, reportOf, textAt, until } from "./drops.ts";
import { outsidePolicy } from "./privilege.ts";
import { apiOf, configFor, openApi } from "./runs.ts";
import { startTrainingCloud, TINY, type TrainingCloud } from "./training.ts";

const PARCELS = archiveOf(join(import.meta.dirname, "../../examples/parcels"));
/** Machines of the runs are bubblewrap's. */
const isLinux = process.platform === "linux";
const PATIENCE_MS = 15 * 60_000;
const SAVE_STEPS = 8;

/** Small enough for a processor; what the rehearsal teacher made is all that there is. */
const TRAIN = {
  ...{ base: TINY, method: "full", contextTokens: 1024, epochs: 8, learningRate: 2e-3, batchSize: 1, warmupSteps: 4 },
  ...{ saveSteps: SAVE_STEPS, heldOut: 0, maxHours: 300, allowRehearsal: true },
};

let training: TrainingCloud;
let api: ControlClient;
/** The command line as somebody far from the machines has it. */
let serac: (...args: readonly string[]) => Running;
const undo = new AsyncDisposableStack();
beforeAll(async () => {
  if (!isLinux) return;
  training = undo.adopt(await startTrainingCloud(), (started) => started.stop());
  api = await openApi(training.cloud);
  const { path: cwd } = undo.use(await scratch());
  const { url, key } = await apiOf(training.cloud);
  serac = (...args) => startSerac([...args, "--cloud"], { cwd, env: { SERAC_API: url, SERAC_API_KEY: key } });
}, PATIENCE_MS);
afterAll(() => undo.disposeAsync());

const jobOf = (modelId: string): BatchJob | undefined =>
  training.batch.jobs.find(({ request }) => request.tags?.["serac-model"] === modelId);

/** Once it is in one of the states; the record says so after the event has come through the queue. */
const modelIn = (modelId: string, ...states: readonly ModelState[]): Promise<CloudModel> =>
  until(async () => {
    const model = await api.getModel(modelId);
    return states.includes(model.state) ? model : null;
  });

/** The id of the model that `serac train --json` started. */
const modelOf = async (running: Running): Promise<string> =>
  String(jsonLines(await running.line((line) => line.includes('"started"')))[0]!["modelId"]);

async function eventsOf(modelId: string): Promise<TrainingEvent[]> {
  const lines = (await textAt(training.cloud, metricsKey(modelId)))!.trim().split("\n");
  return lines.map((line) => trainingEventSchema.parse(JSON.parse(line)));
}

describe.skipIf(!isLinux)("a deployment that trains", { timeout: PATIENCE_MS }, () => {
  let runId: string;

  test("a dropped repository becomes a model", async () => {
    const { cloud } = training;
    const teacher = await cloud.newTeacher();
    const more = { plan: { samples: 4 }, rollout: { toolset: "mini", maxCalls: 12 }, verify: { threshold: 0 }, train: TRAIN };
    await put(cloud, "drops/learned/serac.yaml", JSON.stringify(configFor(teacher.url, more)));
    await put(cloud, "drops/learned/repo.tar.gz", PARCELS);
    const { run } = await reported(cloud, "learned", ({ run: made }) => made?.model != null || made?.state === "failed");
    expect(run).toMatchObject({ state: "finished", model: { id: `${run!.id}-model` } });
    runId = run!.id;
    const modelId = run!.model!.id;
    const model = await modelIn(modelId, "ready", "failed", "cancelled");

    expect(model, jobOf(modelId)?.said).toMatchObject({ state: "ready", code: null, rehearsal: true, base: TINY, job: { attempts: 1 } });
    expect(model.metrics!.lastLoss).toBeLessThan(model.metrics!.firstLoss);
    expect(model.metrics!.gates.every(({ passed }) => passed)).toBe(true);
    const written = JSON.parse((await textAt(cloud, jobKey(modelId)))!) as { data: object; lineage: object };
    expect(written).toMatchObject({ data: { rows: model.data!.rows, rehearsal: true }, lineage: { runId } });
    const { files } = await api.modelFiles(modelId);
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(["chat_template.jinja", "MANIFEST.json", "model.safetensors"]));
    const report = await reported(cloud, "learned", ({ run: now }) => now?.model?.state === "ready");
    expect(report.message).toContain(`Model ${modelId} is trained`);
  });

  test("serac train --cloud ends with a model, also when its machine is taken away in the midst of it", async () => {
    const { cloud, batch } = training;
    const following = serac("train", runId, "--json", "--name", "mine");
    const modelId = await modelOf(following);
    const isWhole = (key: string): boolean => key.endsWith("/COMPLETE");
    await until(async () => (await keysBelow(cloud, checkpointsPrefix(modelId))).some(isWhole) || jobOf(modelId)?.isOver);
    const job = jobOf(modelId)!;
    await batch.spotStop(job.id);
    const { code, stdout, stderr } = await following.finished;

    expect(code, `${stderr}\n${job.said}`).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "finished", modelId });
    const model = await api.getModel(modelId);
    expect(model).toMatchObject({ state: "ready", job: { jobId: job.id, attempts: 2 } });
    expect(batch.jobs.filter(({ request }) => request.jobName === job.request.jobName)).toHaveLength(1);
    expect(job.attempts).toHaveLength(2);
    expect(model.costMicroUsd).toBeGreaterThan(0);
    const events = await eventsOf(modelId);
    const resumed = events.findIndex(({ event }) => event === "resumed");
    const from = events[resumed]!;
    const stepsBefore = events.slice(0, resumed).flatMap((event) => (event.event === "step" ? [event.step] : []));
    // What was done in vain is no more than lies between two checkpoints.
    expect(from).toMatchObject({ event: "resumed", checkpoint: expect.any(String) });
    expect(from.event === "resumed" ? Math.max(...stepsBefore) - from.step : NaN).toBeLessThanOrEqual(SAVE_STEPS);
  });

  test("what finds no machine fails with the reason of the service, and what to do", async () => {
    training.batch.refuseCapacity("capacity", 500);
    const following = serac("train", runId, "--json", "--name", "nowhere");
    const modelId = await modelOf(following);
    const { code, stderr } = await following.finished;
    training.batch.offerCapacity();
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/INSUFFICIENT_INSTANCE_CAPACITY[^]*train\.machine/) });
    expect(await api.getModel(modelId)).toMatchObject({ state: "failed", code: "training_failed" });
    expect(jobOf(modelId)!.attempts).toEqual([]);
  });

  test.concurrent("what takes longer than it may is stopped", async () => {
    const following = serac("train", runId, "--json", "--name", "late", "--set", "train.maxHours=0.5", "--set", "train.epochs=100");
    const modelId = await modelOf(following);
    expect(await following.finished).toMatchObject({ code: 1, stderr: expect.stringContaining("train.maxHours") });
    expect(jobOf(modelId)!.attempts).toHaveLength(1);
  });

  test.concurrent("what is cancelled gives its machine back, and what is removed leaves nothing", async () => {
    const { cloud } = training;
    const started = serac("train", runId, "--json", "--detach", "--name", "unwanted", "--set", "train.epochs=100");
    const id = await modelOf(started);
    expect(await started.finished).toMatchObject({ code: 0 });
    await modelIn(id, "training", "failed");
    expect(await serac("models", "cancel", id).finished).toMatchObject({ code: 0 });
    expect(await api.getModel(id)).toMatchObject({ state: "cancelled" });
    await until(async () => jobOf(id)!.isOver);
    expect(await until(async () => (await api.getModel(id)).costMicroUsd)).toBeGreaterThan(0);
    expect((await keysBelow(cloud, modelPrefix(id))).length).toBeGreaterThan(0);
    expect(await serac("models", "delete", id).finished).toMatchObject({ code: 0 });
    await until(async () => (await keysBelow(cloud, modelPrefix(id))).length === 0);
    await until(async () => !(await api.listModels({ limit: 100 })).models.some((model) => model.id === id));
    await expect(api.getModel(id)).rejects.toMatchObject({ code: "model_unknown" });
    // The others are as they were.
    expect((await reportOf(cloud, "learned"))!.run!.model).toMatchObject({ state: "ready" });
  });

  test("every call was allowed by the policy of the function's own role", async () => {
    expect(await outsidePolicy(training.cloud)).toEqual([]);
    expect(training.cloud.calls.train.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["batch:SubmitJob", "batch:TerminateJob"]),
    );
  });

  test("nothing was asked of AWS Batch that it would refuse", () => {
    expect(training.batch.violations).toEqual([]);
    expect(training.batch.jobs).toHaveLength(5);
  });
});
