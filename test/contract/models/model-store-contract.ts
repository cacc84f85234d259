import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MODEL_STATES, OPEN_MODEL_STATES, type ModelStore } from "../../../core/training/model.ts";
import { manualClock, type ManualClock } from "../store/manual-clock.ts";
import { modelRecord } from "./model-record.ts";

export interface ModelsUnderTest {
  readonly models: ModelStore;
  close(): Promise<void>;
}

const CONFLICT = expect.objectContaining({ name: "ConflictError", code: "state_conflict" });

/** What every ModelStore must do. `open` gives an empty one. */
export function modelStoreContract(name: string, open: (clock: ManualClock) => Promise<ModelsUnderTest>): void {
  describe(`${name}: ModelStore`, () => {
    let clock: ManualClock;
    let tested: ModelsUnderTest;
    let models: ModelStore;

    beforeEach(async () => {
      clock = manualClock();
      tested = await open(clock);
      models = tested.models;
      await models.createModel(modelRecord());
    });
    afterEach(() => tested.close());

    test("a model is read back as it was written, and its id is taken", async () => {
      expect(await models.getModel("model1")).toEqual(modelRecord());
      expect(await models.getModel("nope")).toBeNull();
      await expect(models.createModel(modelRecord({ name: "another" }))).rejects.toEqual(CONFLICT);
      expect(await models.getModel("model1")).toEqual(modelRecord());
    });

    test("of many who create one id at once, one does", async () => {
      const created = await Promise.allSettled(
        Array.from({ length: 8 }, (_, at) => models.createModel(modelRecord({ id: "contested", name: `name-${at}` }))),
      );
      const winners = created.flatMap(({ status }, at) => (status === "fulfilled" ? [`name-${at}`] : []));
      expect(winners).toHaveLength(1);
      expect(await models.getModel("contested")).toMatchObject({ name: winners[0] });
    });

    test("they are listed newest first, in pages, those of one moment as well", async () => {
      await models.createModel(modelRecord({ id: "newest", createdAt: "2026-01-02T00:00:00.000Z" }));
      for (const id of ["a", "b", "c"]) await models.createModel(modelRecord({ id }));
      expect((await models.listModels())[0]).toEqual(modelRecord({ id: "newest", createdAt: "2026-01-02T00:00:00.000Z" }));
      const first = await models.listModels({ limit: 2 });
      const second = await models.listModels({ limit: 2, after: first[1]!.id });
      const third = await models.listModels({ limit: 2, after: second[1]!.id });
      expect([...first, ...second, ...third].map(({ id }) => id).toSorted()).toEqual(["a", "b", "c", "model1", "newest"]);
      expect([first.length, second.length, third.length]).toEqual([2, 2, 1]);
    });

    test("a model changes only from the states that are named; id and birth stay", async () => {
      clock.advance(1000);
      const change = { state: "waiting", detail: "for a machine", job: { jobId: "j", attempts: 0 } } as const;
      const changed = await models.changeModel("model1", ["preparing"], change);
      expect(changed).toEqual(modelRecord({ ...change, updatedAt: "2026-01-01T00:00:01.000Z" }));
      expect(await models.getModel("model1")).toEqual(changed);
      await expect(models.changeModel("model1", ["preparing", "ready"], { state: "failed" })).rejects.toEqual(CONFLICT);
      await expect(models.changeModel("nope", MODEL_STATES, {})).rejects.toMatchObject({ name: "InputError", code: "model_unknown" });
      expect(await models.getModel("model1")).toEqual(changed);
      expect((await models.listModels()).map(({ state }) => state)).toEqual(["waiting"]);
    });

    test("of many who end it at once, one does, and no change of another field is lost", async () => {
      const fields = await Promise.all(
        [{ detail: "d" }, { code: "c" }, { hint: "h" }, { costMicroUsd: 7 }, { templateSha256: "t" }].map((change) =>
          models.changeModel("model1", OPEN_MODEL_STATES, change),
        ),
      );
      expect(fields).toHaveLength(5);
      const ends = await Promise.allSettled(
        (["ready", "failed", "cancelled"] as const).map((state) => models.changeModel("model1", OPEN_MODEL_STATES, { state })),
      );
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await models.getModel("model1")).toMatchObject({ detail: "d", code: "c", hint: "h", costMicroUsd: 7, templateSha256: "t" });
    });

    test("one that is removed is gone from lists as well, only from the states that are named, and its id is free", async () => {
      await models.createModel(modelRecord({ id: "other" }));
      await expect(models.removeModel("model1", ["ready", "failed"])).rejects.toEqual(CONFLICT);
      await models.removeModel("model1", ["preparing"]);
      await models.removeModel("model1", ["ready"]);
      await models.removeModel("nope", MODEL_STATES);
      expect(await models.getModel("model1")).toBeNull();
      expect((await models.listModels()).map(({ id }) => id)).toEqual(["other"]);
      await expect(models.changeModel("model1", MODEL_STATES, {})).rejects.toMatchObject({ code: "model_unknown" });
      await models.createModel(modelRecord({ name: "again" }));
      expect((await models.listModels()).map((model) => model.name).toSorted()).toEqual(["again", "example"]);
    });
  });
}
