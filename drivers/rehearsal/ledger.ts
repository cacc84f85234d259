import { costMicroUsd } from "../../core/agent/cost.ts";
import type { Usage } from "../../core/agent/teacher.ts";
import type { TeacherConfig } from "../../core/config/schema.ts";
import type { FaultMode } from "./faults.ts";
import type { Purpose } from "./reply.ts";
import { PURPOSES } from "./reply.ts";

export interface PurposeStats {
  readonly calls: number;
  readonly costMicroUsd: number;
}

/** What a test audits: which calls a customer would have paid for. */
export interface RehearsalStats {
  /** Requests for a completion, whatever became of them. */
  readonly requests: number;
  /** Replies that were made, each idempotency key once. A reply without a key counts every time. */
  readonly paidCalls: number;
  /** Requests for a reply that had been paid for: answered again, free of charge. */
  readonly repeatedKeys: number;
  /** Requests that used the key of another conversation: a defect of the client. Paid for. */
  readonly conflictingKeys: number;
  readonly costMicroUsd: number;
  readonly usage: Usage;
  readonly byPurpose: Readonly<Record<Purpose, PurposeStats>>;
  readonly faults: Readonly<Partial<Record<FaultMode, number>>>;
}

export interface Ledger {
  /** Notes a request and returns how often its call was tried before, and the call's number. `key` null: no idempotency key. */
  arrive(key: string | null, conversation: string): { readonly tries: number; readonly number: number };
  /** A reply was made. */
  pay(key: string | null, conversation: string, purpose: Purpose, usage: Usage): void;
  strike(mode: FaultMode): void;
  stats(): RehearsalStats;
}

interface Call {
  readonly number: number;
  tries: number;
  /** The conversation that was paid for; null until then. */
  paidFor: string | null;
}

/** Remembers the newest `capacity` calls. */
export function createLedger(price: TeacherConfig["price"], capacity: number): Ledger {
  const calls = new Map<string, Call>();
  const byPurpose: Record<Purpose, { calls: number; costMicroUsd: number }> = {
    first: { calls: 0, costMicroUsd: 0 },
    second: { calls: 0, costMicroUsd: 0 },
    judge: { calls: 0, costMicroUsd: 0 },
    writer: { calls: 0, costMicroUsd: 0 },
    other: { calls: 0, costMicroUsd: 0 },
  };
  const faults: Partial<Record<FaultMode, number>> = {};
  const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  let requests = 0;
  let distinct = 0;
  let repeatedKeys = 0;
  let conflictingKeys = 0;

  return {
    arrive(key, conversation) {
      requests += 1;
      const id = key ?? `keyless:${conversation}`;
      const known = calls.get(id);
      if (known !== undefined) {
        known.tries += 1;
        return { tries: known.tries - 1, number: known.number };
      }
      calls.set(id, { number: distinct, tries: 1, paidFor: null });
      distinct += 1;
      if (calls.size > capacity) calls.delete(calls.keys().next().value ?? "");
      return { tries: 0, number: distinct - 1 };
    },
    pay(key, conversation, purpose, paid) {
      const call = key === null ? undefined : calls.get(key);
      if (call !== undefined && call.paidFor === conversation) {
        repeatedKeys += 1;
        return;
      }
      if (call !== undefined) {
        if (call.paidFor !== null) conflictingKeys += 1;
        call.paidFor = conversation;
      }
      const entry = byPurpose[purpose];
      entry.calls += 1;
      entry.costMicroUsd += costMicroUsd(paid, price);
      usage.inputTokens += paid.inputTokens;
      usage.cachedInputTokens += paid.cachedInputTokens;
      usage.outputTokens += paid.outputTokens;
    },
    strike(mode) {
      faults[mode] = (faults[mode] ?? 0) + 1;
    },
    stats() {
      const entries = PURPOSES.map((purpose) => byPurpose[purpose]);
      return {
        requests,
        paidCalls: entries.reduce((sum, entry) => sum + entry.calls, 0),
        repeatedKeys,
        conflictingKeys,
        costMicroUsd: entries.reduce((sum, entry) => sum + entry.costMicroUsd, 0),
        usage: { ...usage },
        byPurpose: structuredClone(byPurpose),
        faults: { ...faults },
      };
    },
  };
}
