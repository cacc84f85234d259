import type { StatePlatform } from "../platform.ts";
import { OPEN_STATES } from "../sample.ts";

const PAGE = 1000;

/** Gives every sample that is not final a task. */
export async function enqueueOpenSamples({ store, queue }: StatePlatform, runId: string, queueName: string): Promise<void> {
  for (let afterIndex = -1; ;) {
    const page = await store.listSamples(runId, { states: OPEN_STATES, afterIndex, limit: PAGE });
    await queue.enqueue(
      queueName,
      page.map(({ id }) => ({ id, body: id })),
    );
    if (page.length < PAGE) return;
    afterIndex = page.at(-1)!.index;
  }
}

/** How many samples have no result yet. */
export async function countOpen({ store }: Pick<StatePlatform, "store">, runId: string): Promise<number> {
  const counts = await store.countSamples(runId);
  return counts.filter(({ state }) => OPEN_STATES.includes(state)).reduce((sum, { samples }) => sum + samples, 0);
}
