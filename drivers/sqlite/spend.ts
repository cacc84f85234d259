import { InputError, PausedError } from "../../core/errors/index.ts";
import type { RunStore, Spend } from "../../core/svg/store.ts";
import type { Connection } from "./connection.ts";

type Ledger = Pick<RunStore, "setBudget" | "reserve" | "settle" | "release" | "spend">;

/** Amounts are whole micro-dollars. The totals change in the transaction that changes the call, so they are always the calls' sum. */
export function spendIn({ db, transaction, run }: Connection): Ledger {
  const totals = db.prepare("SELECT * FROM spend WHERE run_id = ?");
  const budget = db.prepare("UPDATE spend SET budget = ? WHERE run_id = ?");
  const call = db.prepare("SELECT state, amount, uncertain FROM calls WHERE run_id = ? AND call_id = ?");
  const writeCall = db.prepare(`
    INSERT INTO calls (run_id, call_id, state, amount, uncertain) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET state = excluded.state, amount = excluded.amount, uncertain = excluded.uncertain`);
  const addReserved = db.prepare(`
    UPDATE spend SET reserved = reserved + ?, reserved_calls = reserved_calls + ?, uncertain_calls = uncertain_calls + ? WHERE run_id = ?`);
  const addSettled = db.prepare(`
    UPDATE spend SET settled = settled + ?, settled_calls = settled_calls + 1, input_tokens = input_tokens + ?,
      cached_input_tokens = cached_input_tokens + ?, output_tokens = output_tokens + ? WHERE run_id = ?`);

  function spendOf(runId: string): Spend {
    const row = totals.get(runId);
    if (row === undefined) throw new InputError("run_unknown", `there is no run ${runId} in this home`);
    const number = (column: string): number => Number(row[column]);
    return {
      budgetMicroUsd: row["budget"] === null ? null : number("budget"),
      settledMicroUsd: number("settled"),
      reservedMicroUsd: number("reserved"),
      settledCalls: number("settled_calls"),
      reservedCalls: number("reserved_calls"),
      uncertainCalls: number("uncertain_calls"),
      usage: {
        inputTokens: number("input_tokens"),
        cachedInputTokens: number("cached_input_tokens"),
        outputTokens: number("output_tokens"),
      },
    };
  }

  function callOf(runId: string, callId: string) {
    const row = call.get(runId, callId);
    return row === undefined ? null : { state: row["state"], amount: Number(row["amount"]), uncertain: Number(row["uncertain"]) };
  }

  return {
    setBudget: async (runId, budgetMicroUsd) => {
      if (budgetMicroUsd !== null) assertAmount(budgetMicroUsd);
      transaction(() => {
        spendOf(runId);
        budget.run(budgetMicroUsd, runId);
      });
    },
    reserve: async (runId, callId, amountMicroUsd) => {
      assertAmount(amountMicroUsd);
      transaction(() => {
        const spend = spendOf(runId);
        const before = callOf(runId, callId);
        if (before?.state === "settled") return;
        const isAgain = before?.state === "reserved";
        const growth = amountMicroUsd - (isAgain ? before.amount : 0);
        const committed = spend.settledMicroUsd + spend.reservedMicroUsd + growth;
        if (spend.budgetMicroUsd !== null && committed > spend.budgetMicroUsd) {
          throw new PausedError(
            "budget_exhausted",
            `The budget of ${usd(spend.budgetMicroUsd)} is used up: ${usd(spend.settledMicroUsd)} is spent, and the next call could pass it.`,
            {
              hint: "Raise the budget (--budget) and resume the run.",
            },
          );
        }
        const uncertain = isAgain ? 1 : (before?.uncertain ?? 0);
        addReserved.run(growth, isAgain ? 0 : 1, uncertain - (before?.uncertain ?? 0), runId);
        writeCall.run(runId, callId, "reserved", amountMicroUsd, uncertain);
      });
    },
    settle: async (runId, callId, amountMicroUsd, usage) => {
      assertAmount(amountMicroUsd);
      transaction(() => {
        spendOf(runId);
        const before = callOf(runId, callId);
        if (before?.state === "settled") return;
        if (before?.state === "reserved") addReserved.run(-before.amount, -1, 0, runId);
        addSettled.run(amountMicroUsd, usage.inputTokens, usage.cachedInputTokens, usage.outputTokens, runId);
        writeCall.run(runId, callId, "settled", amountMicroUsd, before?.uncertain ?? 0);
      });
    },
    release: async (runId, callId) => {
      transaction(() => {
        const before = callOf(runId, callId);
        if (before?.state !== "reserved") return;
        addReserved.run(-before.amount, -1, 0, runId);
        writeCall.run(runId, callId, "released", 0, before.uncertain);
      });
    },
    spend: async (runId) => run(() => spendOf(runId)),
  };
}

/** A fraction here would make every later sum inexact. */
function assertAmount(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`an amount is a whole number of micro-dollars, not ${amount}`);
}

const usd = (microUsd: number): string =>
  `$${(microUsd / 1e6).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;
