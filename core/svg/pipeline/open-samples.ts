import type { StatePlatform } from "../platform.ts";
import { OPEN_STATES } from "../sample.ts";

const PAGE = 1000;

/** A walk over the samples of a run by index, that can be broken off and gone on with. */
export interface Walk {
  /** Only samples with a greater index; -1, the default: all. */
  readonly afterIndex?: number;
  /** Milliseconds since the epoch. At least one page is done. Default: none. */
  readonly deadlineMs?: number;
}

/** Gives every sample that is not final a task. Returns the index to go on after, or null when all have theirs. */
export async function enqueueOpenSamples(
  { store, queue, clock }: StatePlatform,
  runId: string,
  queueName: string,
  { afterIndex = -1, deadlineMs = Infinity }: Walk = {},
): Promise<number | null> {
  for (let after = afterIndex; ;) {
    const page = await store.listSamples(runId, { states: OPEN_STATES, afterIndex: after, limit: PAGE });
    await queue.enqueue(
      queueName,
      page.map(({ id }) => ({ id, body: id })),
    );
    if (page.length < PAGE) return null;
    after = page.at(-1)!.index;
    if (clock.now() >= deadlineMs) return after;
  }
}

/** How many samples have no result yet. */
export async function countOpen({ store }: Pick<StatePlatform, "store">, runId: string): Promise<number> {
  const counts = await store.countSamples(runId);
  return counts.filter(({ state }) => OPEN_STATES.includes(state)).reduce((sum, { samples }) => sum + samples, 0);
}
