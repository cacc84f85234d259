import fc from "fast-check";
import { expect, test } from "vitest";
import { createDynamoStore } from "../../../drivers/dynamodb/index.ts";
import { MODEL_STATES } from "../../../core/training/model.ts";
import { newTable } from "../../cloud/table.ts";
import { useDynamo } from "../../cloud/use-moto.ts";
import { memoryTable } from "../../simulation/memory-table.ts";
import { asTable, storeOn, troubled } from "../store/dynamodb/in-memory.ts";
import { manualClock } from "../store/manual-clock.ts";
import { modelRecord } from "./model-record.ts";
import { modelStoreContract } from "./model-store-contract.ts";

const dynamo = useDynamo();

modelStoreContract("dynamodb", async (clock) => {
  const tableName = await newTable(dynamo.client);
  return { models: createDynamoStore({ client: dynamo.client, tableName, clock }), close: () => Promise.resolve() };
});

test("a life of a model goes through although requests and answers are lost", async () => {
  // One call is tried ten times; a longer row of troubles is an error that is told.
  const troubles = fc.array(fc.constantFrom("before" as const, "after" as const, null), { maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(troubles, async (trouble) => {
      const models = storeOn(
        troubled(asTable(memoryTable()), (request) => (request % 8 === 7 ? null : (trouble[request] ?? null))),
        manualClock(),
      );
      await models.createModel(modelRecord());
      await models.changeModel("model1", ["preparing"], { state: "waiting" });
      expect(await models.changeModel("model1", ["waiting"], { state: "failed", code: "x" })).toMatchObject({ state: "failed" });
      await models.removeModel("model1", ["failed"]);
      expect(await models.getModel("model1")).toBeNull();
      await models.createModel(modelRecord({ name: "again" }));
      expect(await models.listModels()).toEqual([modelRecord({ name: "again" })]);
      await models.removeModel("model1", MODEL_STATES);
    }),
    { numRuns: 60 },
  );
});
