import { expect, test } from "vitest";
import { handleDrop } from "../../../../core/control/drops.ts";
import { dataPrefix, jobKey } from "../../../../core/training/names.ts";
import { archiveOf, controlPlace, FILES, TEACHER } from "../support/place.ts";
import { BASE_CONFIG, BASE_KEY, PUBLISHED, putResult } from "../support/training.ts";
import { attempt, modelOf, tell, TRAIN, waitingModel } from "../support/trained.ts";

const HOUR_MS = 3_600_000;

test("a run with a `train` section becomes a model, and its drop tells of each step", async () => {
  await using place = await controlPlace();
  await place.put(BASE_KEY, BASE_CONFIG);
  await place.put("drops/shop/serac.yaml", JSON.stringify({ teacher: TEACHER, plan: { samples: 3, perFunction: 3 }, train: TRAIN }));
  await place.put("drops/shop/repo.zip", archiveOf(FILES));
  await handleDrop(place.platform, "shop");
  expect(await place.result("shop")).toMatchObject({ state: "accepted", run: { model: null } });
  await place.drain();

  const [model] = await place.platform.models.listModels();
  expect(model).toMatchObject({
    state: "waiting",
    name: "shop",
    config: TRAIN,
    data: { rows: 20 },
    machine: { nodes: 1 },
    job: { attempts: 0 },
  });
  const [job] = place.jobs.all;
  expect(job!.request).toMatchObject({ modelId: model!.id, choice: model!.machine, timeoutSeconds: 48 * 3600 });
  const written = JSON.parse(Buffer.from(await place.platform.artifacts.get(jobKey(model!.id))).toString()) as object;
  expect(written).toMatchObject({ modelId: model!.id, data: { rows: 20 }, lineage: { runId: model!.runId } });
  expect(await place.result("shop")).toMatchObject({
    state: "finished",
    message: expect.stringContaining(`Model ${model!.id} waits for a machine`),
    run: { model: { id: model!.id, state: "waiting", location: null } },
  });

  await tell(place, job!, { state: "waiting", reason: "No machine of this type is free." }, "RUNNABLE");
  expect((await place.result("shop")).run!.model).toMatchObject({ state: "waiting", detail: "No machine of this type is free." });
  await tell(place, job!, { state: "running", reason: null, attempts: [attempt(place.clock.now(), null)] });
  expect(await modelOf(place, model!)).toMatchObject({ state: "training", detail: null, job: { attempts: 1 } });
  expect((await place.result("shop")).message).toContain("is being trained");

  await putResult(place.platform.artifacts, model!.id);
  const attempts = [attempt(place.clock.now(), place.clock.now() + HOUR_MS, 0)];
  expect(await tell(place, job!, { state: "succeeded", attempts }, "SUCCEEDED")).toEqual({ modelId: model!.id, outcome: "ended" });
  const ready = await modelOf(place, model!);
  expect(ready).toMatchObject({ state: "ready", code: null, result: PUBLISHED });
  expect(ready.costMicroUsd).toBeGreaterThan(0);
  expect((await place.result("shop")).run!.model).toEqual({
    id: model!.id,
    state: "ready",
    detail: null,
    location: place.platform.artifacts.locate(`models/${model!.id}/model`),
  });
});

test("the data is the model's own: what becomes of the run later does not change it", async () => {
  await using place = await controlPlace();
  const { model } = await waitingModel(place);
  expect(place.trainingData).toEqual([model.id]);
  expect(await place.platform.artifacts.exists(`${dataPrefix(model.id)}README.md`)).toBe(true);
});

test.each([
  ["a rehearsal", { ...TRAIN, allowRehearsal: false }, "was a rehearsal"],
  ["a machine that is not offered", { ...TRAIN, machine: "p4d.24xlarge" }, "p4d.24xlarge"],
  ["several spot machines", { ...TRAIN, nodes: 2, capacity: "spot" }, "spot"],
] as const)("%s does not fail the run, which says why there is no model", async (_what, train, message) => {
  await using place = await controlPlace();
  await place.put(BASE_KEY, BASE_CONFIG);
  const { id } = await place.start({ train });
  await place.drain();
  expect(await place.run(id)).toMatchObject({ state: "finished", model: { id: null, note: expect.stringContaining(message) } });
  expect(await place.platform.models.listModels()).toEqual([]);
  expect(place.jobs.all).toEqual([]);
});

test("where nothing is trained, a drop with a `train` section is told so from the beginning", async () => {
  await using place = await controlPlace();
  const platform = { ...place.platform, training: null };
  await place.put("drops/shop/serac.yaml", JSON.stringify({ teacher: TEACHER, plan: { samples: 3, perFunction: 3 }, train: TRAIN }));
  await place.put("drops/shop/repo.zip", archiveOf(FILES));
  await handleDrop(platform, "shop");
  expect((await place.result("shop")).notes).toContain("train is not used: No models are trained in this deployment.");
});
