import { ConflictError, InputError } from "../../core/errors/index.ts";
import type { RunPage, RunRecord, RunStore } from "../../core/svg/store.ts";
import { type Context, isoNow, isStampedBy, unchangedSince } from "./context.ts";
import { budgetKey, isNew, listed, LISTS, placeInList, runKey } from "./keys.ts";
import { assertFits } from "./table/item-size.ts";
import { type Item, MAX_TRANSACTION_ITEMS } from "./table/operations.ts";

export function runsIn({ table, clock, newStamp }: Context): Pick<RunStore, "createRun" | "getRun" | "listRuns" | "changeRun"> {
  const getRun = async (runId: string): Promise<RunRecord | null> => recordOf(await table.get(runKey(runId)));

  return {
    createRun: async (record) => {
      const stamp = newStamp();
      const run = {
        key: runKey(record.id),
        when: [isNew],
        set: { record: JSON.stringify(record), stamp, ...listed(LISTS.runs, record.createdAt, record.id) },
      };
      assertFits(run);
      const made = await table.transact(() => [run, { key: budgetKey(record.id), set: { pool: 0, stamp } }]);
      if (made.ok || isStampedBy(made.refused.get(0), stamp)) return;
      throw new ConflictError("state_conflict", `a run ${record.id} exists already`);
    },
    getRun,
    listRuns: async (page) => {
      const { limit, after }: Partial<RunPage> = page ?? {};
      const last = after === undefined ? null : await getRun(after);
      if (after !== undefined && last === null) return [];
      const before = last === null ? undefined : placeInList(last.createdAt, last.id);
      const keys = await table.list({ list: LISTS.runs, before, limit });
      const runs: RunRecord[] = [];
      for (let at = 0; at < keys.length; at += MAX_TRANSACTION_ITEMS) {
        const items = await table.getAll(keys.slice(at, at + MAX_TRANSACTION_ITEMS));
        runs.push(...items.flatMap((item) => recordOf(item) ?? []));
      }
      return runs;
    },
    changeRun: async (runId, from, change) => {
      const key = runKey(runId);
      const stamp = newStamp();
      for (let item = await table.get(key); ;) {
        const before = recordOf(item);
        if (before === null) throw new InputError("run_unknown", `there is no run ${runId}`);
        if (!from.includes(before.state)) {
          throw new ConflictError("state_conflict", `run ${runId} is ${before.state}, not ${from.join(" or ")}`);
        }
        const after: RunRecord = { ...before, ...change, id: before.id, createdAt: before.createdAt, updatedAt: isoNow(clock) };
        const write = { key, when: [unchangedSince(item)], set: { record: JSON.stringify(after), stamp } };
        assertFits(write);
        const written = await table.write(write);
        if (written.ok || isStampedBy(written.item, stamp)) return after;
        item = written.item;
      }
    },
  };
}

const recordOf = (item: Item | null): RunRecord | null => (item === null ? null : JSON.parse(String(item["record"])));
