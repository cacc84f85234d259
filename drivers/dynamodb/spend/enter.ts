import { PausedError, SeracError } from "../../../core/errors/index.ts";
import type { Context } from "../context.ts";
import { shardOf, SPEND_SHARDS, spendKey } from "../keys.ts";
import type { Item, Transacted, Write } from "../table/operations.ts";
import { type Allotment, readAllotment } from "./allotment.ts";
import { usd } from "./amounts.ts";
import { type Entry, plainWrite, planEntry } from "./plan.ts";

/** Readings of the whole allotment before a worker gives up in a crowd. */
const MAX_ROUNDS = 30;

/** Done, or the call is another than it was: as it stands now. */
export type Entered = { readonly ok: true } | { readonly ok: false; readonly call: Item | null };

/** Writes a call and its part of the totals at once. PausedError("budget_exhausted") unless the budget holds it or it is past. */
export async function enter(context: Context, runId: string, call: Write, entry: Entry, mayOverdraw: boolean): Promise<Entered> {
  const { table } = context;
  const plain = (attempt: number): Write =>
    plainWrite({ key: spendKey(runId, shardOf(entry.callId, attempt, SPEND_SHARDS)) }, entry, mayOverdraw);
  const first = await table.transact((attempt) => [call, plain(attempt)]);
  const done = outcome(first);
  if (done !== null) return done;

  for (let round = 0; round < MAX_ROUNDS; round++) {
    const rough = await readAllotment(table, runId, "roughly");
    const state = planEntry(rough, entry, 0) === null ? await surely(context, rough) : rough;
    const plan = planEntry(state, entry, 0);
    if (plan === null) throw exhausted(state);
    const tried = await table.transact((attempt) => [call, ...(attempt === 0 ? plan : (planEntry(state, entry, attempt) ?? plan))]);
    const settled = outcome(tried);
    if (settled !== null) return settled;
    await table.pause(round);
  }
  throw new SeracError("cloud_throttled", `Too many workers at once reach for the last of the budget of run ${runId}.`, {
    hint: "This passes; the work is done again later.",
  });
}

/** Null when the budget was what refused. */
function outcome(tried: Transacted): Entered | null {
  if (tried.ok) return tried;
  return tried.refused.has(0) ? { ok: false, call: tried.refused.get(0) ?? null } : null;
}

/** Money on its way from one item to another is in neither, unless all are read at one moment. In a crowd there may be no such moment. */
async function surely({ table }: Context, rough: Allotment): Promise<Allotment> {
  try {
    return await readAllotment(table, rough.runId, "now");
  } catch (error) {
    if (error instanceof SeracError && error.code === "cloud_throttled") return rough;
    throw error;
  }
}

function exhausted({ budget, settled }: Allotment): PausedError {
  return new PausedError(
    "budget_exhausted",
    `The budget of ${usd(budget ?? 0)} is used up: ${usd(settled)} is spent, and the next call could pass it.`,
    {
      hint: "Raise the budget (--budget) and resume the run.",
    },
  );
}
