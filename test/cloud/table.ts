import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TABLE } from "../../core/config/cloud/names.ts";
import { emulated } from "./moto.ts";

export const clientOf = (endpoint: string): DynamoDBClient => new DynamoDBClient(emulated(endpoint));

let made = 0;

/** An empty table with the keys and the index of a deployment. */
export async function newTable(client: DynamoDBClient): Promise<string> {
  const tableName = `serac-${process.pid}-${made++}`;
  const string = (name: string) => ({ AttributeName: name, AttributeType: "S" as const });
  const { partitionKey, sortKey, index } = TABLE;
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [partitionKey, sortKey, index.partitionKey, index.sortKey].map(string),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: "HASH" },
        { AttributeName: sortKey, KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: index.name,
          KeySchema: [
            { AttributeName: index.partitionKey, KeyType: "HASH" },
            { AttributeName: index.sortKey, KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    }),
  );
  return tableName;
}
