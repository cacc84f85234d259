import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { systemClock } from "../../../../core/errors/clock.ts";
import { createDynamoStore } from "../../../../drivers/dynamodb/index.ts";
import { useDynamo } from "../../../cloud/use-moto.ts";
import { runRecord, sampleRecord } from "../sample-data.ts";
import { clientOf, newTable } from "../../../cloud/table.ts";

/** Two processes start, and an emulator takes their requests one by one. */
const SLOW_MS = 240_000;

const dynamo = useDynamo();

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("dynamodb-worker.ts", import.meta.url));

test(
  "two processes share a table: every sample once, every total exact, the budget to the last reservation",
  async () => {
    const tableName = await newTable(dynamo.client);
    const store = createDynamoStore({ client: dynamo.client, tableName, clock: systemClock });
    const samples = Array.from({ length: 10 }, (_, index) => sampleRecord(index));
    await store.createRun(runRecord());
    // 10 calls at 7, and then 6 reservations of 50.
    await store.setBudget("run1", 10 * 7 + 6 * 50 + 49);
    await store.addSamples(samples);
    const workers = await Promise.all(["a", "b"].map((owner) => run(process.execPath, [SCRIPT, dynamo.endpoint, tableName, owner])));
    const lines = workers.flatMap(({ stdout }) => stdout.trim().split("\n"));
    expect(lines.filter((line) => line.startsWith("finished")).toSorted()).toEqual(samples.map(({ id }) => `finished ${id}`));
    expect(lines.filter((line) => line === "reserved")).toHaveLength(6);
    expect(await store.countSamples("run1")).toEqual([{ state: "accepted", reason: null, samples: 10 }]);
    expect(await store.spend("run1")).toMatchObject({
      settledMicroUsd: 70,
      settledCalls: 10,
      reservedMicroUsd: 300,
      reservedCalls: 6,
      usage: { inputTokens: 30, cachedInputTokens: 10, outputTokens: 20 },
    });
  },
  SLOW_MS,
);

test("of transitions under one lease by two clients at once, one is done and counted", async () => {
  const tableName = await newTable(dynamo.client);
  const other = clientOf(dynamo.endpoint);
  const stores = [dynamo.client, other].map((each) => createDynamoStore({ client: each, tableName, clock: systemClock }));
  await stores[0]!.createRun(runRecord());
  await stores[0]!.addSamples([sampleRecord(0)]);
  const lease = await stores[0]!.acquireLease(sampleRecord(0).id, "a", 600_000);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => stores[i % 2]!.transition(lease!, "planned", "first", { attempts: i })),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const outcome of outcomes.filter(({ status }) => status === "rejected")) {
    expect(outcome).toMatchObject({ reason: { name: "ConflictError", code: "state_conflict" } });
  }
  expect(await stores[1]!.countSamples("run1")).toEqual([{ state: "first", reason: null, samples: 1 }]);
  other.destroy();
});
