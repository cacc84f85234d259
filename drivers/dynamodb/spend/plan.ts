import { budgetKey, shardOf, SPEND_SHARDS } from "../keys.ts";
import type { Condition, Write } from "../table/operations.ts";
import { type Allotment, isOpen, type Shard } from "./allotment.ts";

/** What one change of a call does to the totals of its run. */
export interface Entry {
  readonly callId: string;
  /** What it takes from the budget, in micro-dollars; gives back when below zero. */
  readonly growth: number;
  readonly counters: Readonly<Record<string, number>>;
  /** Has happened already: it is entered even when the budget does not hold it. */
  readonly isPast: boolean;
}

/** A shard that ran dry is given this part of an even share of the budget, from the pool. */
const CHUNK_SHARE = 1 / 8;

/** The write for which nothing has to be read: it holds while the shard has enough. */
export function plainWrite(runShard: Pick<Shard, "key">, { growth, counters }: Entry, mayOverdraw: boolean): Write {
  const add = { ...counters, free: -growth };
  return mayOverdraw ? { key: runShard.key, add } : { key: runShard.key, when: [isNotClosed, hasFree(growth)], add };
}

const isNotClosed: Condition = { absent: "closed" };
const hasFree = (amount: number): Condition => ({ anyOf: [{ present: "unlimited" }, { atLeast: ["free", amount] }] });

/** How the entry can be made, from what was read; null when the budget does not hold it. Each write is refused if that is outdated. */
export function planEntry(state: Allotment, entry: Entry, attempt: number): readonly Write[] | null {
  const own = state.shards[shardOf(entry.callId, attempt, SPEND_SHARDS)]!;
  if (state.budget === null) return granted(state, own, entry);
  const isHeld = entry.growth <= state.left;
  if (!isHeld && !entry.isPast) return null;
  if (!isHeld || !isOpen(state)) return collection(state, entry);

  const rich = state.shards.filter(({ free }) => (free ?? -1) >= entry.growth);
  const another = rich[shardOf(entry.callId, attempt + 1, Math.max(1, rich.length))];
  // A crowd at the pool is left alone by those who find something elsewhere.
  if (state.pool >= entry.growth && (attempt === 0 || another === undefined)) return filled(state, own, entry);
  return another === undefined ? gleaned(state, entry) : [plainWrite(another, entry, false)];
}

function granted({ runId }: Allotment, { key }: Shard, { growth, counters }: Entry): readonly Write[] {
  return [
    { key, set: { unlimited: true }, remove: ["closed"], add: { ...counters, free: -growth } },
    { key: budgetKey(runId), when: [{ present: "pool" }, { absent: "budget" }] },
  ];
}

/** The shard gets what the entry takes, and some for those that come after it. */
function filled({ runId, pool, budget }: Allotment, { key }: Shard, { growth, counters }: Entry): readonly Write[] {
  const chunk = Math.floor((budget! / SPEND_SHARDS) * CHUNK_SHARE);
  const moved = Math.min(pool, growth + chunk);
  return [
    { key, when: [isNotClosed, { absent: "unlimited" }], add: { ...counters, free: moved - growth } },
    { key: budgetKey(runId), when: [{ present: "budget" }, { atLeast: ["pool", moved] }], add: { pool: -moved } },
  ];
}

/** No place alone has enough: the richest together. */
function gleaned(state: Allotment, entry: Entry): readonly Write[] {
  const { runId, pool, shards } = state;
  const { growth, counters } = entry;
  const writes: Write[] = [];
  let missing = growth;
  for (const { key, free } of shards.toSorted((a, b) => (b.free ?? 0) - (a.free ?? 0))) {
    const taken = Math.min(missing, free ?? 0);
    if (taken <= 0) break;
    const also = writes.length === 0 ? counters : {};
    writes.push({ key, when: [isNotClosed, { atLeast: ["free", taken] }], add: { ...also, free: -taken } });
    missing -= taken;
  }
  if (writes.length === 0 || pool < missing) return collection(state, entry);
  if (missing === 0) return writes;
  return [...writes, { key: budgetKey(runId), when: [{ present: "budget" }, { atLeast: ["pool", missing] }], add: { pool: -missing } }];
}

/** What the call of nobody would be entered with. */
const NO_ENTRY: Entry = { callId: "", growth: 0, counters: {}, isPast: true };

/**
 * Takes all that lies in the shards and hands half of it out anew. Where less than nothing is left, the pool owes it, and every shard is
 * closed: nothing that comes back may be reserved before the debt is paid. Refused when anything has moved since it was read.
 */
export function collection(state: Allotment, { growth, counters }: Entry = NO_ENTRY): readonly Write[] {
  const left = state.left - growth;
  const isLimited = state.budget !== null;
  const isOwed = isLimited && left < 0;
  const share = isLimited && !isOwed ? Math.floor(left / 2 / SPEND_SHARDS) : 0;
  const shards = state.shards.map(({ key, free, isUnlimited, isClosed }, at): Write => {
    const marks = { ...(isOwed ? { closed: true } : {}), ...(isLimited ? {} : { unlimited: true }) };
    return {
      key,
      when: [asRead("free", free), asRead("unlimited", isUnlimited ? true : null), asRead("closed", isClosed ? true : null)],
      set: { free: share, ...marks },
      remove: [...(isOwed ? [] : ["closed"]), ...(isLimited ? ["unlimited"] : [])],
      add: at === 0 ? counters : {},
    };
  });
  const central: Write = {
    key: budgetKey(state.runId),
    when: [asRead("pool", state.pool), asRead("budget", state.budget)],
    set: { pool: left - share * SPEND_SHARDS },
  };
  return [...shards, central];
}

const asRead = (name: string, value: number | boolean | null): Condition => (value === null ? { absent: name } : { equal: [name, value] });
