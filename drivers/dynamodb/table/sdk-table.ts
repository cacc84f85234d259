import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { TABLE } from "../../../core/config/cloud/names.ts";
import { tableError } from "./aws-error.ts";
import { aliases, allOf, fromAttributes, fromKey, toKey, updateOf } from "./expression.ts";
import { type Item, type Key, type Query, type Table, type Transacted, Unavailable, type Write } from "./operations.ts";

/** DynamoDB's limit of a partition key; no item can have a longer one. */
const MAX_PARTITION_BYTES = 2048;
const MAX_SORT_BYTES = 1024;

export function sdkTable(client: DynamoDBClient, tableName: string): Table {
  async function calling<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      throw tableError(error, action, tableName);
    }
  }

  return {
    get: (key) =>
      calling("GetItem", async () => {
        if (Buffer.byteLength(key.partition) > MAX_PARTITION_BYTES || Buffer.byteLength(key.sort) > MAX_SORT_BYTES) return null;
        const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: toKey(key), ConsistentRead: true }));
        return fromAttributes(Item);
      }),
    getAll: (keys) => (keys.length === 0 ? Promise.resolve([]) : calling("BatchGetItem", () => getAll(client, tableName, keys))),
    snapshot: (keys) =>
      calling("TransactGetItems", async () => {
        const gets = keys.map((key) => ({ Get: { TableName: tableName, Key: toKey(key) } }));
        const { Responses = [] } = await client.send(new TransactGetItemsCommand({ TransactItems: gets })).catch(unconfused);
        return keys.map((_, at) => fromAttributes(Responses[at]?.Item));
      }),
    page: (query, from) =>
      calling("Query", async () => {
        const { Items = [], LastEvaluatedKey } = await client.send(pageCommand(tableName, query, from));
        return { items: Items.map(fromAttributes).filter((item) => item !== null), next: fromKey(LastEvaluatedKey) };
      }),
    list: ({ list, before, limit }) =>
      calling("Query", async () => {
        const found: Key[] = [];
        const as = aliases();
        const isListed = `${as.name(TABLE.index.partitionKey)} = ${as.value(list)}`;
        const isBefore = before === undefined ? "" : ` AND ${as.name(TABLE.index.sortKey)} < ${as.value(before)}`;
        let from: QueryCommand["input"]["ExclusiveStartKey"];
        do {
          const { Items = [], LastEvaluatedKey } = await client.send(
            new QueryCommand({
              TableName: tableName,
              IndexName: TABLE.index.name,
              KeyConditionExpression: isListed + isBefore,
              ExpressionAttributeNames: as.names,
              ExpressionAttributeValues: as.values,
              ScanIndexForward: false,
              Limit: limit === undefined ? undefined : limit - found.length,
              ExclusiveStartKey: from,
            }),
          );
          found.push(...Items.flatMap((item) => fromKey(item) ?? []));
          from = LastEvaluatedKey;
        } while (from !== undefined && found.length < (limit ?? Infinity));
        return found;
      }),
    write: (write) =>
      calling("UpdateItem", async () => {
        const as = aliases();
        try {
          const { Attributes } = await client.send(
            new UpdateItemCommand({
              TableName: tableName,
              Key: toKey(write.key),
              ConditionExpression: write.when === undefined || write.when.length === 0 ? undefined : allOf(write.when, as),
              UpdateExpression: updateOf(write, as) ?? undefined,
              ...namesAndValues(as),
              ReturnValues: "ALL_NEW",
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            }),
          );
          return { ok: true, item: fromAttributes(Attributes) ?? {} };
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) return { ok: false, item: fromAttributes(error.Item) };
          throw error;
        }
      }),
    transact: (writes) =>
      calling("TransactWriteItems", async () => {
        try {
          await client.send(new TransactWriteItemsCommand({ TransactItems: writes.map((write) => transactItem(tableName, write)) }));
          return { ok: true };
        } catch (error) {
          return refusedBy(error);
        }
      }),
  };
}

async function getAll(client: DynamoDBClient, tableName: string, keys: readonly Key[]): Promise<readonly (Item | null)[]> {
  const found = new Map<string, Item>();
  let left = keys.map(toKey);
  // What is over 16 MB, or more than the table can give at once, comes back as unprocessed.
  for (let round = 0; left.length > 0; round++) {
    if (round === 20)
      throw new Unavailable("BatchGetItem", Object.assign(new Error("keys stay unprocessed"), { name: "ThrottlingException" }));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
    );
    for (const attributes of Responses?.[tableName] ?? []) {
      const item = fromAttributes(attributes);
      if (item !== null) found.set(`${item[TABLE.partitionKey]}\n${item[TABLE.sortKey]}`, item);
    }
    left = UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return keys.map(({ partition, sort }) => found.get(`${partition}\n${sort}`) ?? null);
}

function pageCommand(tableName: string, { partition, after, only, limit }: Query, from: Key | null): QueryCommand {
  const as = aliases();
  const isThere = `${as.name(TABLE.partitionKey)} = ${as.value(partition)}`;
  const isBehind = after === undefined ? "" : ` AND ${as.name(TABLE.sortKey)} > ${as.value(after)}`;
  const filter = only === undefined ? undefined : `${as.name(only.name)} IN (${only.values.map((value) => as.value(value)).join(", ")})`;
  return new QueryCommand({
    TableName: tableName,
    KeyConditionExpression: isThere + isBehind,
    FilterExpression: filter,
    ExpressionAttributeNames: as.names,
    ExpressionAttributeValues: as.values,
    ConsistentRead: true,
    // With a filter, the limit would count what is read and not what comes back.
    Limit: only === undefined ? limit : undefined,
    ExclusiveStartKey: from === null ? undefined : toKey(from),
  });
}

function transactItem(tableName: string, write: Write): TransactWriteItem {
  const as = aliases();
  const condition = write.when === undefined || write.when.length === 0 ? undefined : allOf(write.when, as);
  const update = updateOf(write, as);
  const shared = { TableName: tableName, Key: toKey(write.key), ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
  if (update === null) return { ConditionCheck: { ...shared, ConditionExpression: condition, ...namesAndValues(as) } };
  return { Update: { ...shared, UpdateExpression: update, ConditionExpression: condition, ...namesAndValues(as) } };
}

/** DynamoDB takes no empty maps. */
const namesAndValues = ({ names, values }: ReturnType<typeof aliases>) => ({
  ExpressionAttributeNames: Object.keys(names).length === 0 ? undefined : names,
  ExpressionAttributeValues: Object.keys(values).length === 0 ? undefined : values,
});

/** Conditions that did not hold are an answer; any other reason is thrown under its own name. */
function refusedBy(error: unknown): Transacted {
  if (!(error instanceof TransactionCanceledException)) throw error;
  const refused = new Map<number, Item | null>();
  for (const [at, reason] of (error.CancellationReasons ?? []).entries()) {
    if (reason.Code === "ConditionalCheckFailed") refused.set(at, fromAttributes(reason.Item));
  }
  return refused.size > 0 ? { ok: false, refused } : unconfused(error);
}

/** A cancelled transaction under the name of the reason for which it was. */
function unconfused(error: unknown): never {
  if (!(error instanceof TransactionCanceledException)) throw error;
  const reason = error.CancellationReasons?.find(({ Code }) => Code !== undefined && Code !== "None");
  throw Object.assign(new Error(reason?.Message ?? error.message, { cause: error }), { name: reason?.Code ?? error.name });
}
