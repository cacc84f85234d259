import { InputError, SeracError } from "../../../core/errors/index.ts";
import { type Context, isStampedBy, unchangedSince } from "../context.ts";
import { inParallel } from "../in-parallel.ts";
import { budgetKey } from "../keys.ts";
import { isInOrder, numberOf, readAllotment, shardKeys } from "./allotment.ts";
import { collection } from "./plan.ts";

const AT_ONCE = 16;
const MAX_ROUNDS = 60;

/**
 * Writes the budget down, closes every shard, and collects what is in them; whoever reserves meanwhile collects, too, and does as well. Calls
 * that are reserved at the very moment may still go by the old budget. Doing it again is harmless, also after a crash in the middle.
 */
export async function setBudget({ table, newStamp }: Context, runId: string, budget: number | null): Promise<void> {
  const key = budgetKey(runId);
  const stamp = newStamp();
  for (let item = await table.get(key); ;) {
    if (item === null) throw new InputError("run_unknown", `there is no run ${runId}`);
    const written = await table.write({
      key,
      when: [unchangedSince(item)],
      set: { stamp, ...(budget === null ? {} : { budget }) },
      remove: budget === null ? ["budget"] : [],
      add: { pool: (budget ?? 0) - numberOf(item["budget"]) },
    });
    if (written.ok || isStampedBy(written.item, stamp)) break;
    item = written.item;
  }
  await inParallel(shardKeys(runId), AT_ONCE, async (shard) => {
    await table.write({ key: shard, set: { closed: true }, remove: ["unlimited"] });
  });
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const state = await readAllotment(table, runId, "roughly");
    if (isInOrder(state)) return;
    if ((await table.transact(() => collection(state))).ok) return;
    await table.pause(round);
  }
  throw new SeracError("cloud_throttled", `The budget of run ${runId} is set, but too many calls come and go to hand it out.`, {
    hint: "Set it again, or let the next call do it.",
  });
}
