import { openHome } from "../../../drivers/sqlite/index.ts";
import { ConflictError } from "../../../core/errors/index.ts";
import type { Lease } from "../../../core/svg/store.ts";
import { requery } from "../journal/entry.ts";

/** A process that works a run's queue as a worker does: lease, reserve, journal, settle, transition, acknowledge. Prints what it finished. */
const [path = "", runId = "", owner = ""] = process.argv.slice(2);
/** Whoever meets a lease comes back when it has ended: five visits make a dead letter. */
const LEASE_MS = 700;
const home = openHome(path);
const { store, queue, journal } = home;

async function work(lease: Lease): Promise<void> {
  const sample = await store.getSample(lease.sampleId);
  if (sample?.state === "planned") {
    const call = `${sample.id}-call`;
    const entries = await journal.read(sample.id);
    if (entries.length === 0) {
      await store.reserve(runId, call, 11);
      await journal.append(sample.id, 0, requery(owner));
    }
    await store.settle(runId, call, 7, { inputTokens: 3, cachedInputTokens: 1, outputTokens: 2 });
    await store.transition(lease, "planned", "first", { attempts: 1 });
  }
  if ((await store.getSample(lease.sampleId))?.state === "first") {
    await store.transition(lease, "first", "accepted", {});
    process.stdout.write(`${lease.sampleId}\n`);
  }
}

for (;;) {
  const [task] = await queue.receive(runId, 1, LEASE_MS);
  if (task === undefined) {
    const { waiting, inFlight } = await queue.depth(runId);
    if (waiting + inFlight === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    continue;
  }
  const lease = await store.acquireLease(task.body, owner, LEASE_MS);
  if (lease === null) {
    await queue.retry(task, LEASE_MS);
    continue;
  }
  try {
    await work(lease);
    await store.releaseLease(lease);
    await queue.acknowledge(task);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    await queue.retry(task, LEASE_MS);
  }
}
home.close();
