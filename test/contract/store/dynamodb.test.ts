import type { Clock } from "../../../core/errors/clock.ts";
import { createDynamoStore } from "../../../drivers/dynamodb/index.ts";
import { useDynamo } from "../../cloud/use-moto.ts";
import { newTable } from "../../cloud/table.ts";
import { leaseAndSpendModel } from "./lease-model.ts";
import { runStoreContract, type StoreUnderTest } from "./run-store-contract.ts";

const dynamo = useDynamo();

async function open(clock: Clock): Promise<StoreUnderTest> {
  const tableName = await newTable(dynamo.client);
  return { store: createDynamoStore({ client: dynamo.client, tableName, clock }), close: () => Promise.resolve() };
}

runStoreContract("dynamodb", open);
leaseAndSpendModel("dynamodb", open, 12);
