import { systemClock } from "../../../../core/errors/clock.ts";
import { ConflictError, SeracError } from "../../../../core/errors/index.ts";
import { createDynamoStore } from "../../../../drivers/dynamodb/index.ts";
import { clientOf } from "../../../cloud/table.ts";

/**
 * A process that tries to work every sample of a run, as others do at the same time: lease, reserve, settle, transition. Prints what it
 * finished, and how many reservations of a second kind the budget had room for.
 */
const [endpoint = "", tableName = "", owner = ""] = process.argv.slice(2);
const client = clientOf(endpoint);
const store = createDynamoStore({ client, tableName, clock: systemClock });

for (const { id } of await store.listSamples("run1", { limit: 1000 })) {
  const lease = await store.acquireLease(id, owner, 600_000);
  if (lease === null) continue;
  try {
    await store.reserve("run1", `${id}/0`, 11);
    await store.settle("run1", `${id}/0`, 7, { inputTokens: 3, cachedInputTokens: 1, outputTokens: 2 });
    await store.transition(lease, "planned", "accepted", {});
    console.log(`finished ${id}`);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
  await store.releaseLease(lease);
}
for (let number = 0; number < 5; number++) {
  try {
    await store.reserve("run1", `${owner}/${number}`, 50);
    console.log("reserved");
  } catch (error) {
    if (!(error instanceof SeracError) || error.code !== "budget_exhausted") throw error;
  }
}
client.destroy();
