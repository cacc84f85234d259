import { InputError } from "../../../core/errors/index.ts";
import { budgetKey, SPEND_SHARDS, spendKey } from "../keys.ts";
import type { Item, Key, Value } from "../table/operations.ts";
import type { PatientTable } from "../table/patient-table.ts";

/**
 * Where the budget of a run is: `pool` in one item, `free` in each of the shards; the sum of them and of what is reserved and settled is
 * always the budget (0 where there is none). A call takes from one shard, which is why no item is hot and nothing is overshot.
 */
export interface Allotment {
  readonly runId: string;
  /** Null: no limit. */
  readonly budget: number | null;
  readonly pool: number;
  readonly shards: readonly Shard[];
  /** Pool and shards: what may still be reserved. Below zero when calls cost more than was reserved for them. */
  readonly left: number;
  readonly settled: number;
}

export interface Shard {
  readonly key: Key;
  /** Null: nothing was ever written there. */
  readonly free: number | null;
  /** Takes without looking: granted while the run has no budget. */
  readonly isUnlimited: boolean;
  /** Takes nothing: what lies in it is owed, or about to be collected. */
  readonly isClosed: boolean;
  readonly item: Item | null;
}

/** `now`: of one moment, which is refused while there is traffic; else each item as it is when its turn comes. */
export async function readAllotment(table: PatientTable, runId: string, moment: "now" | "roughly"): Promise<Allotment> {
  const keys = [budgetKey(runId), ...shardKeys(runId)];
  const [central, ...items] = await (moment === "now" ? table.snapshot(keys) : table.getAll(keys));
  if (central === null || central === undefined) throw new InputError("run_unknown", `there is no run ${runId}`);
  const pool = numberOf(central["pool"]);
  const shards = items.map((item, at): Shard => {
    const free = item?.["free"];
    return {
      key: spendKey(runId, at),
      free: typeof free === "number" ? free : null,
      isUnlimited: item?.["unlimited"] === true,
      isClosed: item?.["closed"] === true,
      item,
    };
  });
  const budget = central["budget"];
  return {
    runId,
    budget: typeof budget === "number" ? budget : null,
    pool,
    shards,
    left: shards.reduce((sum, { free }) => sum + (free ?? 0), pool),
    settled: items.reduce((sum, item) => sum + numberOf(item?.["settled"]), 0),
  };
}

export const shardKeys = (runId: string): readonly Key[] => Array.from({ length: SPEND_SHARDS }, (_, at) => spendKey(runId, at));

export const numberOf = (value: Value | undefined): number => (typeof value === "number" ? value : 0);

/** Whether calls may take from the shards as they are. */
export const isOpen = (state: Allotment): boolean => state.pool >= 0 && isInOrder(state);

/** Nothing is left to be collected: shards are closed exactly where something is owed, and unlimited only where there is no budget. */
export const isInOrder = ({ budget, pool, shards }: Allotment): boolean =>
  budget === null
    ? shards.every(({ isClosed }) => !isClosed)
    : pool < 0
      ? shards.every(({ isClosed, isUnlimited }) => isClosed && !isUnlimited)
      : shards.every(({ isClosed, isUnlimited }) => !isClosed && !isUnlimited);
