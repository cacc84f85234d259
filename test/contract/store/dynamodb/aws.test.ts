import {
  type DynamoDBClient,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import type { KeyRecord } from "../../../../core/gateway/keys.ts";
import { createDynamoKeyRing, createDynamoLimiter, createDynamoStore } from "../../../../drivers/dynamodb/index.ts";
import { hashOf } from "../../../../core/gateway/key-ring.ts";
import { useDynamo } from "../../../cloud/use-moto.ts";
import { manualClock } from "../manual-clock.ts";
import { runRecord, sampleRecord } from "../sample-data.ts";
import { newTable } from "../../../cloud/table.ts";

const dynamo = useDynamo();

async function newStore(through: DynamoDBClient = dynamo.client) {
  const tableName = await newTable(dynamo.client);
  const clock = manualClock();
  return { tableName, clock, store: createDynamoStore({ client: through, tableName, clock }) };
}

/** A client of which some requests fail as the SDK says it: `fail` sees each command and how many came before it. */
function failing(fail: (command: object, request: number) => Error | null): DynamoDBClient {
  let requests = 0;
  const send: DynamoDBClient["send"] = (command: Parameters<DynamoDBClient["send"]>[0]) => {
    const error = fail(command, requests++);
    return error === null ? dynamo.client.send(command) : Promise.reject(error);
  };
  return Object.assign(Object.create(dynamo.client) as DynamoDBClient, { send });
}

const about = { $metadata: { httpStatusCode: 400 }, message: "too fast" };
const throughput = () => new ProvisionedThroughputExceededException(about);
const conflict = () =>
  new TransactionCanceledException({ ...about, CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict", Message: "busy" }] });

describe("what DynamoDB refuses", () => {
  test("throttling and conflicts of transactions pass", async () => {
    const busy = failing((command, request) => {
      if (request % 4 === 0) return null;
      return command instanceof TransactWriteItemsCommand ? conflict() : throughput();
    });
    const { store } = await newStore(busy);
    await store.createRun(runRecord());
    await store.addSamples([sampleRecord(0)]);
    const lease = await store.acquireLease(sampleRecord(0).id, "a", 1000);
    await store.transition(lease!, "planned", "first", {});
    await store.reserve("run1", "c", 10);
    expect(await store.countSamples("run1")).toEqual([{ state: "first", reason: null, samples: 1 }]);
    expect(await store.spend("run1")).toMatchObject({ reservedMicroUsd: 10, reservedCalls: 1, uncertainCalls: 0 });
  });

  test.each([
    ["throughput", throughput],
    ["conflicts", conflict],
  ])("%s without end is said to be that", async (_, error) => {
    const { store } = await newStore(failing(() => error()));
    const said = { name: "SeracError", code: "cloud_throttled", hint: expect.stringContaining("This passes") };
    await expect(store.createRun(runRecord())).rejects.toMatchObject(said);
  });

  test("a table that is not there, and a role without the right", async () => {
    const nowhere = createDynamoStore({ client: dynamo.client, tableName: "missing", clock: manualClock() });
    await expect(nowhere.getRun("run1")).rejects.toMatchObject({ code: "cloud_failed", message: expect.stringContaining("missing") });
    const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException", $metadata: { httpStatusCode: 400 } });
    const { store } = await newStore(failing(() => denied));
    await expect(store.getRun("run1")).rejects.toMatchObject({
      code: "cloud_denied",
      message: expect.stringContaining("dynamodb:GetItem"),
    });
  });
});

describe("sizes", () => {
  test("a sample of nearly 400 KB is kept; a larger one is refused with a clear error, and stays as it was", async () => {
    const { store } = await newStore();
    await store.createRun(runRecord());
    await store.addSamples([sampleRecord(0), sampleRecord(1)]);
    const lease = await store.acquireLease(sampleRecord(0).id, "an owner with a long name".repeat(10), 1000);
    const large = await store.transition(lease!, "planned", "judged", { pullRequest: "x".repeat(398_000) });
    expect((await store.getSample(large.id))?.pullRequest).toHaveLength(398_000);
    // Two bytes a letter: what counts is what is sent.
    const change = { pullRequest: "é".repeat(205_000) };
    await expect(store.transition(lease!, "judged", "described", change)).rejects.toMatchObject({
      name: "SeracError",
      code: "record_too_large",
      message: expect.stringMatching(/^A record of 4\d\d KB is more than the table takes \(400 KB\): run#run1#samples#0/),
    });
    expect(await store.getSample(large.id)).toEqual(large);
    await store.transition(lease!, "judged", "failed", { reason: "internal", pullRequest: null });
    const next = await store.acquireLease(sampleRecord(1).id, "b", 1000);
    await store.transition(next!, "planned", "first", {});
    expect(await store.countSamples("run1")).toHaveLength(2);
  });

  test("a bucket of more than a megabyte is read to its end, page by page", async () => {
    const { store } = await newStore();
    await store.createRun(runRecord());
    const detail = "long ".repeat(16_000);
    const samples = Array.from({ length: 16 }, (_, index) => sampleRecord(index, { detail }));
    await store.addSamples(samples.slice(0, 8));
    await store.addSamples(samples.slice(8));
    expect((await store.listSamples("run1", { limit: 1000 })).map(({ index }) => index)).toEqual(samples.map(({ index }) => index));
    const some = await store.listSamples("run1", { limit: 2, afterIndex: 12, states: ["planned"] });
    expect(some.map(({ index }) => index)).toEqual([13, 14]);
  });
});

describe("lists", () => {
  test("samples of many buckets come by index, a rare state as well", async () => {
    const { store } = await newStore();
    await store.createRun(runRecord());
    await store.addSamples([0, 99, 100, 101, 350, 999].toReversed().map((index) => sampleRecord(index)));
    const lease = await store.acquireLease(sampleRecord(350).id, "a", 1000);
    await store.transition(lease!, "planned", "failed", { reason: "internal" });
    const indexes = async (query: Parameters<typeof store.listSamples>[1]) =>
      (await store.listSamples("run1", query)).map(({ index }) => index);
    expect(await indexes({ limit: 10 })).toEqual([0, 99, 100, 101, 350, 999]);
    expect(await indexes({ limit: 10, afterIndex: 99 })).toEqual([100, 101, 350, 999]);
    expect(await indexes({ limit: 3, afterIndex: 0 })).toEqual([99, 100, 101]);
    expect(await indexes({ limit: 10, states: ["failed"] })).toEqual([350]);
    expect(await indexes({ limit: 10, afterIndex: 999 })).toEqual([]);
    expect(await indexes({ limit: 0 })).toEqual([]);
  });

  test("runs come newest first whatever the order they were made in, in pages of any size, as they stand now", async () => {
    const { store } = await newStore();
    const days = [3, 1, 12, 2, 31].map((day) => `2026-01-${String(day).padStart(2, "0")}T00:00:00.000Z`);
    for (const day of days) await store.createRun(runRecord({ id: `run-${day.slice(8, 10)}`, createdAt: day }));
    await store.changeRun("run-12", ["running"], { state: "paused" });
    const expected = ["run-31", "run-12", "run-03", "run-02", "run-01"];
    const runs = await store.listRuns();
    expect(runs.map(({ id }) => id)).toEqual(expected);
    expect(runs[1]).toMatchObject({ state: "paused" });
    const paged: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await store.listRuns(after === undefined ? { limit: 2 } : { limit: 2, after });
      paged.push(...page.map(({ id }) => id));
      if (page.length < 2) break;
      after = page.at(-1)!.id;
    }
    expect(paged).toEqual(expected);
    expect(await store.listRuns({ limit: 2, after: "nope" })).toEqual([]);
  });
});

describe("beside runs", () => {
  test("a content of a drop belongs to the run that claimed it first", async () => {
    const { store } = await newStore();
    expect(await store.claimDrop("shop", "v1", "run1")).toBe("run1");
    expect(await store.claimDrop("shop", "v1", "run2")).toBe("run1");
    expect(await store.claimDrop("shop", "v2", "run2")).toBe("run2");
    const crowd = await Promise.all(Array.from({ length: 8 }, (_, i) => store.claimDrop("other#name", "v", `run${i}`)));
    expect(new Set(crowd).size).toBe(1);
  });

  test("keys of the control API are found by hash, listed, and revoked by id", async () => {
    const { store } = await newStore();
    const key = (id: string, createdAt: string) =>
      ({ id, name: `key ${id}`, sha256: hashOf(id), scopes: ["runs:read", "keys:write"], createdAt, isRevoked: false }) as const;
    await store.addKey(key("a", "2026-01-01T00:00:00.000Z"));
    await store.addKey(key("b", "2026-01-02T00:00:00.000Z"));
    await expect(store.addKey(key("a", "2026-01-03T00:00:00.000Z"))).rejects.toMatchObject({ code: "state_conflict" });
    expect(await store.findKey(hashOf("a"))).toEqual(key("a", "2026-01-01T00:00:00.000Z"));
    expect(await store.findKey(hashOf("z"))).toBeNull();
    expect((await store.listKeys()).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(await store.revokeKey("a")).toBe(true);
    expect(await store.revokeKey("z")).toBe(false);
    expect(await store.findKey(hashOf("a"))).toMatchObject({ isRevoked: true });
  });

  const record: KeyRecord = {
    id: "team",
    sha256: hashOf("secret"),
    isRevoked: false,
    requestsPerMinute: 2,
    tokensPerMinute: null,
    capture: true,
  };

  test("keys of the gateway come back as they were put, limits that were lifted included", async () => {
    const ring = createDynamoKeyRing({ client: dynamo.client, tableName: await newTable(dynamo.client) });
    expect(await ring.find("secret")).toBeNull();
    await ring.put(record);
    expect(await ring.find("secret")).toEqual(record);
    expect(await ring.find("Secret")).toBeNull();
    await ring.put({ ...record, isRevoked: true, requestsPerMinute: null, tokensPerMinute: 0 });
    expect(await ring.find("secret")).toEqual({ ...record, isRevoked: true, requestsPerMinute: null, tokensPerMinute: 0 });
  });

  test("a key has its requests and tokens a minute, for all functions together", async () => {
    const tableName = await newTable(dynamo.client);
    const clock = manualClock();
    const [one, other] = [
      createDynamoLimiter({ client: dynamo.client, tableName, clock }),
      createDynamoLimiter({ client: dynamo.client, tableName, clock }),
    ];
    clock.advance(15_000);
    expect(await one.admit(record)).toBe("admitted");
    expect(await other.admit(record)).toBe("admitted");
    expect(await one.admit(record)).toEqual({ retryAfterSeconds: 45 });
    clock.advance(45_000);
    expect(await one.admit(record)).toBe("admitted");

    const metered = { ...record, id: "metered", requestsPerMinute: null, tokensPerMinute: 100 };
    expect(await one.admit(metered)).toBe("admitted");
    await one.use(metered, 99);
    expect(await other.admit(metered)).toBe("admitted");
    await other.use(metered, 500);
    expect(await one.admit(metered)).toEqual({ retryAfterSeconds: 60 });
    expect(await one.admit({ ...record, id: "shut", requestsPerMinute: 0 })).toEqual({ retryAfterSeconds: 60 });
    const free = { ...record, id: "free", requestsPerMinute: null, tokensPerMinute: null };
    await one.use(free, 1e9);
    expect(await one.admit(free)).toBe("admitted");
  });
});

test("every write that can be repeated by accident carries its condition", async () => {
  const commands: object[] = [];
  const { store } = await newStore(
    failing((command) => {
      commands.push(command);
      return null;
    }),
  );
  await store.createRun(runRecord());
  await store.addSamples([sampleRecord(0)]);
  const lease = await store.acquireLease(sampleRecord(0).id, "a", 1000);
  await store.transition(lease!, "planned", "first", {});
  await store.reserve("run1", "c", 1);
  await store.settle("run1", "c", 1, { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 });
  await store.claimPatch("run1", "h", "s");
  const transactions = commands.filter((command) => command instanceof TransactWriteItemsCommand);
  expect(transactions.length).toBeGreaterThan(4);
  for (const { input } of transactions) expect(input.TransactItems?.[0]?.Update?.ConditionExpression).toBeTypeOf("string");
  const updates = commands.filter((command) => command instanceof UpdateItemCommand);
  for (const { input } of updates) expect(input.ConditionExpression).toBeTypeOf("string");
});
