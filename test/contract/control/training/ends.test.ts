import { describe, expect, test } from "vitest";
import { buryTask } from "../../../../core/control/bury.ts";
import { finishTaskOf } from "../../../../core/control/messages.ts";
import { reap } from "../../../../core/control/reap.ts";
import { cancelModel } from "../../../../core/control/training/cancel-model.ts";
import { trainTaskOf } from "../../../../core/control/training/message.ts";
import { removeModel } from "../../../../core/control/training/remove-model.ts";
import { startModel } from "../../../../core/control/training/start-model.ts";
import { trainTask } from "../../../../core/control/training/train-task.ts";
import { SeracError } from "../../../../core/errors/index.ts";
import { checkpointsPrefix, resultKey, weightsPrefix } from "../../../../core/training/names.ts";
import { configOf, controlPlace, never, type Place } from "../support/place.ts";
import { BASE_CONFIG, BASE_KEY, batchEvent, PUBLISHED, putResult } from "../support/training.ts";
import { attempt, finishedRun, modelOf, tell, told, TRAIN, waitingModel } from "../support/trained.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const doTask = ({ platform, workshop }: Place, body: string) => trainTask(platform, workshop, body, { signal: never });
const reaped = async (place: Place): Promise<number> => (await reap(place.platform, place.workshop)).modelsWatched;

async function keysBelow({ platform }: Place, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of platform.artifacts.list(prefix)) keys.push(key);
  return keys;
}

describe("a job's end", () => {
  test("with what the trainer says of it is the model's failure, in its words", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    const said = {
      event: "failed",
      at: PUBLISHED.at,
      code: "loss_not_finite",
      message: "The loss of step 7 is NaN.",
      hint: "Lower it.",
    } as const;
    await putResult(place.platform.artifacts, model.id, said);
    await tell(place, job, { state: "failed", reason: "Essential container in task exited", attempts: [attempt(0, HOUR_MS, 1)] }, "FAILED");
    expect(await modelOf(place, model)).toMatchObject({
      state: "failed",
      code: "loss_not_finite",
      detail: said.message,
      hint: "Lower it.",
    });
  });

  test("without a word of the trainer is a failure with the reason of the service", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    await tell(place, job, { state: "failed", reason: "OutOfMemoryError: Container killed", attempts: [attempt(0, 1, 137)] }, "FAILED");
    expect(await modelOf(place, model)).toMatchObject({ state: "failed", detail: expect.stringContaining("OutOfMemoryError") });
  });

  test("of success without a result, or without weights, or with garbage is a failure", async () => {
    for (const leave of [
      async () => {},
      ({ platform }: Place, id: string) => platform.artifacts.put(resultKey(id), Buffer.from(JSON.stringify(PUBLISHED))),
      ({ platform }: Place, id: string) => platform.artifacts.put(resultKey(id), Buffer.from("<html>")),
      ({ platform }: Place, id: string) => platform.artifacts.put(resultKey(id), Buffer.alloc(2 << 20, " ")),
    ]) {
      await using place = await controlPlace();
      const { model, job } = await waitingModel(place);
      await leave(place, model.id);
      await tell(place, job, { state: "succeeded", attempts: [attempt(0, HOUR_MS, 0)] }, "SUCCEEDED");
      const ended = await modelOf(place, model);
      expect(ended).toMatchObject({ state: "failed", result: null });
      expect(ended.detail).toMatch(/result|MANIFEST/);
    }
  });

  test("that nobody told of is found by the reaper, and so is that of a job that nobody knows any more", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    await putResult(place.platform.artifacts, model.id);
    job.report = { ...job.report, state: "succeeded", attempts: [attempt(0, HOUR_MS, 0)] };
    expect(await reaped(place)).toBe(0);
    await place.clock.advance(11 * MINUTE_MS);
    expect(await reaped(place)).toBe(1);
    // One that waits is enough.
    expect(await reaped(place)).toBe(0);
    await place.drain();
    expect(await modelOf(place, model)).toMatchObject({ state: "ready" });
    await place.clock.advance(24 * HOUR_MS);
    expect(await reaped(place)).toBe(0);

    const lost = await waitingModel(place);
    place.jobs.all.splice(0);
    await place.clock.advance(11 * MINUTE_MS);
    await reaped(place);
    await place.drain();
    expect(await modelOf(place, lost.model)).toMatchObject({ state: "failed" });
  });

  test("is told once, whatever comes behind it", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    await putResult(place.platform.artifacts, model.id);
    const attempts = [attempt(0, HOUR_MS, 0)];
    expect(await tell(place, job, { state: "succeeded", attempts }, "SUCCEEDED")).toMatchObject({ outcome: "ended" });
    const ready = await modelOf(place, model);
    for (const status of ["RUNNING", "SUCCEEDED", "SUBMITTED", "FAILED"]) await told(place, job, status);
    await doTask(place, trainTaskOf("start", model.id).body);
    expect(await modelOf(place, model)).toEqual(ready);
    expect(place.jobs.all).toHaveLength(1);
  });
});

describe("tasks that are about nothing", () => {
  test.each([
    ["another's job", batchEvent("job-9", "nightly-etl", "RUNNING")],
    ["a model that is gone", trainTaskOf("watch", "gone-20260101-000000-0000").body],
  ])("%s are dropped", async (_what, body) => {
    await using place = await controlPlace();
    expect(await doTask(place, body)).toEqual({ modelId: null, outcome: "dropped" });
  });

  test("a job of a model's name that is not its job is dropped", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    const other = { ...job, jobId: "job-of-old" };
    expect(await told(place, other, "FAILED")).toEqual({ modelId: null, outcome: "dropped" });
    expect(await modelOf(place, model)).toMatchObject({ state: "waiting" });
  });

  test.each([
    ["no JSON", "{"],
    ["nothing", "null"],
    ["an unknown kind", '{"kind":"stop","modelId":"x"}'],
    ["more than is known", '{"kind":"start","modelId":"x","force":true}'],
    ["another source", batchEvent("j", "n", "RUNNING").replace("aws.batch", "aws.ecs")],
    ["an event without a job", '{"source":"aws.batch","detail-type":"Batch Job State Change","detail":{"jobName":"x"}}'],
  ])("%s are refused, and buried without harm", async (_what, body) => {
    await using place = await controlPlace();
    await expect(doTask(place, body)).rejects.toMatchObject({ code: "record_invalid" });
    expect(await buryTask(place.platform, "train", body)).toBe("nothing");
  });
});

describe("beginning", () => {
  /** A model of a finished run that nobody began yet. */
  async function preparing(place: Place) {
    await place.put(BASE_KEY, BASE_CONFIG);
    return startModel(place.platform, { run: await finishedRun(place), config: configOf({ train: TRAIN }).train!, name: "by-hand" });
  }

  test("without the base in the bucket fails the model and says how to put it there", async () => {
    await using place = await controlPlace();
    const model = await preparing(place);
    await place.platform.artifacts.remove(BASE_KEY);
    await place.drain();
    expect(await modelOf(place, model)).toMatchObject({
      state: "failed",
      code: "training_unfit",
      detail: expect.stringContaining("bases/Qwen/Qwen3-0.6B/config.json is missing"),
      hint: expect.stringContaining("aws s3 sync"),
    });
    expect(place.jobs.all).toEqual([]);
    expect(place.trainingData).toEqual([]);
  });

  test.each([
    ["no JSON", "<html>"],
    ["a mixture of experts", JSON.stringify({ ...JSON.parse(BASE_CONFIG), num_experts: 128 })],
    ["larger than any config", " ".repeat(2 << 20)],
  ])("on a base whose config.json is %s fails the model before anything is spent", async (_what, config) => {
    await using place = await controlPlace();
    const model = await preparing(place);
    await place.put(BASE_KEY, config);
    await place.drain();
    expect(await modelOf(place, model)).toMatchObject({ state: "failed", code: "training_unfit" });
    expect(place.jobs.all).toEqual([]);
  });

  test("that AWS refuses again and again is the model's failure, with the last reason", async () => {
    await using place = await controlPlace();
    const model = await preparing(place);
    place.jobs.broken = new SeracError("cloud_denied", "AWS does not allow batch:SubmitJob.");
    const { body } = trainTaskOf("start", model.id);
    await expect(doTask(place, body)).rejects.toMatchObject({ code: "cloud_denied" });
    expect(await modelOf(place, model)).toMatchObject({ state: "preparing", detail: "AWS does not allow batch:SubmitJob." });
    expect(await buryTask(place.platform, "train", body)).toBe("model failed");
    expect(await modelOf(place, model)).toMatchObject({ state: "failed", detail: expect.stringContaining("batch:SubmitJob") });
    expect(await buryTask(place.platform, "train", body)).toBe("nothing");
    // What was handed in after all is not to run for nobody.
    place.jobs.broken = null;
    const choice = { machine: "g6e.xlarge", nodes: 1, capacity: "spot", gpus: 1, sequenceParallel: 1 } as const;
    await place.jobs.submit({ modelId: model.id, choice, timeoutSeconds: 60 });
    const [job] = place.jobs.all;
    await told(place, job!, "RUNNABLE");
    expect(job!.cancelled).toEqual([expect.stringContaining("is failed")]);
  });

  test("that lost its task is begun by the reaper", async () => {
    await using place = await controlPlace();
    const model = await preparing(place);
    await place.platform.queue.purge("train");
    await place.clock.advance(11 * MINUTE_MS);
    expect(await reaped(place)).toBe(1);
    await place.drain();
    expect(await modelOf(place, model)).toMatchObject({ state: "waiting" });
  });

  test("of a finished run's own model that was never started is done by the reaper, for two days", async () => {
    await using place = await controlPlace();
    await place.put(BASE_KEY, BASE_CONFIG);
    const { id } = await finishedRun(place, { train: TRAIN });
    await place.clock.advance(11 * MINUTE_MS);
    await reap(place.platform, place.workshop);
    await place.drain();
    expect((await place.run(id)).model).toMatchObject({ note: null });
    expect(place.jobs.all).toHaveLength(1);
  });
});

describe("cancelling", () => {
  test("ends the job; again is no error, and what it had cost is still counted", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    await tell(place, job, { state: "running", attempts: [attempt(0, null)] });
    expect(await cancelModel(place.platform, model.id)).toMatchObject({ state: "cancelled" });
    await place.drain();
    expect(job.cancelled).toHaveLength(1);
    await tell(place, job, { state: "failed", attempts: [attempt(0, HOUR_MS, 143)] }, "FAILED");
    const cancelled = await modelOf(place, model);
    expect(cancelled).toMatchObject({ state: "cancelled", job: { attempts: 1 } });
    expect(cancelled.costMicroUsd).toBeGreaterThan(0);
    await cancelModel(place.platform, model.id);
    await place.drain();
    expect(await modelOf(place, model)).toMatchObject({ state: "cancelled", costMicroUsd: cancelled.costMicroUsd });
  });

  test("while the job is handed in ends it all the same", async () => {
    await using place = await controlPlace();
    await place.put(BASE_KEY, BASE_CONFIG);
    const { id } = await finishedRun(place, { train: TRAIN });
    await place.platform.queue.enqueue("finish", [finishTaskOf(id)]);
    const submit = place.jobs.submit.bind(place.jobs);
    place.jobs.submit = async (request) => {
      const answer = await submit(request);
      await cancelModel(place.platform, request.modelId);
      return answer;
    };
    await place.drain();
    const [model] = await place.platform.models.listModels();
    expect(model).toMatchObject({ runId: id, state: "cancelled" });
    expect(place.jobs.all[0]!.cancelled.length).toBeGreaterThan(0);
  });

  test("of what has ended is refused, of what is not known too", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    await putResult(place.platform.artifacts, model.id);
    await tell(place, job, { state: "succeeded" }, "SUCCEEDED");
    await expect(cancelModel(place.platform, model.id)).rejects.toMatchObject({ code: "state_conflict" });
    await expect(cancelModel(place.platform, "nothing")).rejects.toMatchObject({ code: "model_unknown" });
  });
});

describe("removing", () => {
  test("ends the job first, then takes the files, then the record", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    await tell(place, job, { state: "running", attempts: [attempt(0, null)] });
    for (let n = 0; n < 40; n++) await place.put(`${checkpointsPrefix(model.id)}step-000025/part-${n}`, "x");
    await place.put("models/another/model/MANIFEST.json", "{}");
    const cancel = place.jobs.cancel.bind(place.jobs);
    // It takes its time.
    place.jobs.cancel = async () => {};
    await removeModel(place.platform, model.id);
    expect(await doTask(place, trainTaskOf("remove", model.id).body)).toMatchObject({ outcome: "waits" });
    expect(await modelOf(place, model)).toMatchObject({ state: "cancelled", detail: expect.stringContaining("being removed") });
    expect((await keysBelow(place, `models/${model.id}/`)).length).toBeGreaterThan(40);
    place.jobs.cancel = cancel;
    await place.drain();
    expect(await place.platform.models.getModel(model.id)).toBeNull();
    expect(await keysBelow(place, "models/")).toEqual(["models/another/model/MANIFEST.json"]);
    expect(job.report.state).toBe("failed");
    expect(await doTask(place, trainTaskOf("remove", model.id).body)).toMatchObject({ outcome: "dropped" });
    await expect(removeModel(place.platform, model.id)).rejects.toMatchObject({ code: "model_unknown" });
  });

  test("of a ready model takes its weights; its run keeps its dataset and makes no new one", async () => {
    await using place = await controlPlace();
    const { model, job } = await waitingModel(place);
    await putResult(place.platform.artifacts, model.id);
    await tell(place, job, { state: "succeeded" }, "SUCCEEDED");
    await removeModel(place.platform, model.id);
    await place.drain();
    expect(await keysBelow(place, weightsPrefix(model.id))).toEqual([]);
    await place.clock.advance(11 * MINUTE_MS);
    await reap(place.platform, place.workshop);
    await place.drain();
    expect(await place.platform.models.listModels()).toEqual([]);
    expect((await place.run(model.runId!)).dataset).toBe(`datasets/${model.runId}`);
  });

  test("where training was taken out of the deployment says where the files are", async () => {
    await using place = await controlPlace();
    const { model } = await waitingModel(place);
    await expect(removeModel({ ...place.platform, training: null }, model.id)).rejects.toMatchObject({
      code: "training_unfit",
      hint: expect.stringContaining(`models/${model.id}`),
    });
  });
});
