import type { RunStore, Spend } from "../../../core/svg/store.ts";
import { type Context, isStampedBy } from "../context.ts";
import { callKey } from "../keys.ts";
import type { Item } from "../table/operations.ts";
import { numberOf, readAllotment } from "./allotment.ts";
import { assertAmount, assertUsage } from "./amounts.ts";
import { type Call, callOf, callWrite } from "./call.ts";
import { enter } from "./enter.ts";
import type { Entry } from "./plan.ts";
import { setBudget } from "./set-budget.ts";

type Ledger = Pick<RunStore, "setBudget" | "reserve" | "settle" | "release" | "spend">;

/** Amounts are whole micro-dollars. The totals change in the transaction that changes the call, so they are always the calls' sum. */
export function spendIn(context: Context): Ledger {
  const { table, newStamp } = context;

  /** `change` sees the call as it stands, and says what becomes of it; null: nothing. */
  async function change(
    runId: string,
    callId: string,
    before: Item | null,
    next: (call: Call | null) => { readonly after: Call; readonly entry: Omit<Entry, "callId"> } | null,
  ): Promise<void> {
    const stamp = newStamp();
    for (let item = before; ;) {
      const call = callOf(item);
      const wanted = next(call);
      if (wanted === null) return;
      const write = callWrite(context, runId, callId, item, wanted.after, stamp);
      // Only what a reservation in this run held can be given back unasked.
      const mayOverdraw = wanted.entry.growth <= 0 && call?.state === "reserved" && wanted.after.state !== "reserved";
      const entered = await enter(context, runId, write, { ...wanted.entry, callId }, mayOverdraw);
      if (entered.ok || isStampedBy(entered.call, stamp)) return;
      item = entered.call;
    }
  }

  return {
    setBudget: async (runId, budgetMicroUsd) => {
      if (budgetMicroUsd !== null) assertAmount(budgetMicroUsd);
      await setBudget(context, runId, budgetMicroUsd);
    },
    // Most calls are new: nothing is read before the first try.
    reserve: async (runId, callId, amount) => {
      assertAmount(amount);
      await change(runId, callId, null, (call) => {
        if (call?.state === "settled") return null;
        const isAgain = call?.state === "reserved";
        const growth = amount - (isAgain ? call.amount : 0);
        const uncertain = isAgain ? 1 : (call?.uncertain ?? 0);
        const counters = { reserved: growth, reserved_calls: isAgain ? 0 : 1, uncertain_calls: uncertain - (call?.uncertain ?? 0) };
        return { after: { state: "reserved", amount, uncertain }, entry: { growth, counters, isPast: false } };
      });
    },
    settle: async (runId, callId, amount, usage) => {
      assertAmount(amount);
      assertUsage(usage);
      await change(runId, callId, await table.get(callKey(runId, callId)), (call) => {
        if (call?.state === "settled") return null;
        const held = call?.state === "reserved" ? call.amount : 0;
        const counters = {
          reserved: -held,
          reserved_calls: call?.state === "reserved" ? -1 : 0,
          settled: amount,
          settled_calls: 1,
          input_tokens: usage.inputTokens,
          cached_input_tokens: usage.cachedInputTokens,
          output_tokens: usage.outputTokens,
        };
        return {
          after: { state: "settled", amount, uncertain: call?.uncertain ?? 0 },
          entry: { growth: amount - held, counters, isPast: true },
        };
      });
    },
    release: async (runId, callId) => {
      await change(runId, callId, await table.get(callKey(runId, callId)), (call) => {
        if (call?.state !== "reserved") return null;
        const counters = { reserved: -call.amount, reserved_calls: -1 };
        return {
          after: { state: "released", amount: 0, uncertain: call.uncertain },
          entry: { growth: -call.amount, counters, isPast: true },
        };
      });
    },
    spend: async (runId) => {
      const { budget, shards } = await readAllotment(table, runId, "roughly");
      const sum = (name: string): number => shards.reduce((total, { item }) => total + numberOf(item?.[name]), 0);
      const spend: Spend = {
        budgetMicroUsd: budget,
        settledMicroUsd: sum("settled"),
        reservedMicroUsd: sum("reserved"),
        settledCalls: sum("settled_calls"),
        reservedCalls: sum("reserved_calls"),
        uncertainCalls: sum("uncertain_calls"),
        usage: {
          inputTokens: sum("input_tokens"),
          cachedInputTokens: sum("cached_input_tokens"),
          outputTokens: sum("output_tokens"),
        },
      };
      return spend;
    },
  };
}
