import { expect, test } from "vitest";
import { leaseAndSpendModel } from "./lease-model.ts";
import { runStoreContract } from "./run-store-contract.ts";
import { manualClock } from "./manual-clock.ts";
import { runRecord, sampleRecord } from "./sample-data.ts";
import { temporaryHome } from "./sqlite-home.ts";

runStoreContract("sqlite", async (clock) => temporaryHome(clock));
leaseAndSpendModel("sqlite", async (clock) => temporaryHome(clock));

test("the leases of a dead owner can be revoked, those of others stay", async () => {
  const home = temporaryHome(manualClock());
  const { store } = home;
  await store.createRun(runRecord());
  await store.addSamples([sampleRecord(0), sampleRecord(1)]);
  const dead = await store.acquireLease(sampleRecord(0).id, "dead", 1e9);
  await store.acquireLease(sampleRecord(1).id, "alive", 1e9);
  await home.revokeLeases("dead");
  expect(await store.acquireLease(sampleRecord(0).id, "next", 1000)).not.toBeNull();
  expect(await store.acquireLease(sampleRecord(1).id, "next", 1000)).toBeNull();
  await expect(store.transition(dead!, "planned", "first", {})).rejects.toMatchObject({ name: "ConflictError", code: "fenced" });
  await home.close();
});
