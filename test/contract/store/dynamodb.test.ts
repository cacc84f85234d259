import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll } from "vitest";
import type { Clock } from "../../../core/errors/clock.ts";
import { createDynamoStore } from "../../../drivers/dynamodb/index.ts";
import { MOTO_START_MS, type Moto, startMoto } from "../../cloud/moto.ts";
import { clientOf, newTable } from "./dynamodb/table.ts";
import { leaseAndSpendModel } from "./lease-model.ts";
import { runStoreContract, type StoreUnderTest } from "./run-store-contract.ts";

let moto: Moto;
let client: DynamoDBClient;

beforeAll(async () => {
  moto = await startMoto();
  client = clientOf(moto.endpoint);
}, MOTO_START_MS);
afterAll(async () => {
  client.destroy();
  await moto.stop();
});

async function open(clock: Clock): Promise<StoreUnderTest> {
  const tableName = await newTable(client);
  return { store: createDynamoStore({ client, tableName, clock }), close: () => Promise.resolve() };
}

runStoreContract("dynamodb", open);
leaseAndSpendModel("dynamodb", open, 12);
