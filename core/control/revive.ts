import type { StatePlatform } from "../svg/platform.ts";
import { OPEN_STATES } from "../svg/sample.ts";

const MOST = 1000;
const OWNER = "reaper";
const LEASE_MS = 10_000;

/** Gives open samples that nobody works on a task again, the first ones by index. Returns how many. */
export async function reviveSamples({ store, queue }: StatePlatform, runId: string): Promise<number> {
  const open = await store.listSamples(runId, { states: OPEN_STATES, limit: MOST });
  const lost: string[] = [];
  for (const { id } of open) {
    const lease = await store.acquireLease(id, OWNER, LEASE_MS);
    if (lease === null) continue;
    await store.releaseLease(lease);
    lost.push(id);
  }
  await queue.enqueue(
    "work",
    lost.map((id) => ({ id, body: id })),
  );
  return lost.length;
}
