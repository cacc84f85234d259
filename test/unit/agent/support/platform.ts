import type { Journal, JournalEntry } from "../../../../core/agent/journal.ts";
import type { Meter } from "../../../../core/agent/paid-call.ts";
import type { AssistantMessage } from "../../../../core/agent/messages.ts";
import type { Teacher, TeacherRequest } from "../../../../core/agent/teacher.ts";
import type { Clock } from "../../../../core/errors/clock.ts";
import { ConflictError, PausedError } from "../../../../core/errors/index.ts";

/** A journal in memory; through JSON, as every real one. */
export function memoryJournal(): Journal & { readonly streams: Map<string, JournalEntry[]> } {
  const streams = new Map<string, JournalEntry[]>();
  return {
    streams,
    append: (streamId, n, entry) => {
      const stream = streams.get(streamId) ?? [];
      if (n !== stream.length) return Promise.reject(new ConflictError("journal_conflict", `entry ${n} of ${streamId}`));
      const kept: JournalEntry = JSON.parse(JSON.stringify(entry));
      stream.push(kept);
      streams.set(streamId, stream);
      return Promise.resolve();
    },
    read: (streamId) => Promise.resolve([...(streams.get(streamId) ?? [])]),
    visit: (streamId, see) => Promise.resolve(streams.get(streamId)?.forEach(see)),
  };
}

export interface Ledger extends Meter {
  readonly reserved: Map<string, number>;
  readonly settled: Map<string, number>;
  /** Tries begun, by call. */
  readonly tries: Map<string, number>;
}

/** Spend as a RunStore keeps it. */
export function ledger(budget = Infinity): Ledger {
  const reserved = new Map<string, number>();
  const settled = new Map<string, number>();
  const tries = new Map<string, number>();
  const total = () => [...reserved.values(), ...settled.values()].reduce((sum, each) => sum + each, 0);
  return {
    reserved,
    settled,
    tries,
    reserve: (callId, amount) => {
      if (total() - (reserved.get(callId) ?? 0) + amount > budget) return Promise.reject(new PausedError("budget_exhausted", "the budget"));
      reserved.set(callId, amount);
      tries.set(callId, (tries.get(callId) ?? 0) + 1);
      return Promise.resolve();
    },
    settle: (callId, amount) => {
      reserved.delete(callId);
      const before = settled.get(callId);
      if (before !== undefined && before !== amount) return Promise.reject(new Error(`${callId} settled twice, differently`));
      settled.set(callId, amount);
      return Promise.resolve();
    },
    release: (callId) => {
      reserved.delete(callId);
      return Promise.resolve();
    },
  };
}

/** Time that passes only by sleeping, and a millisecond a look. */
export function steppedClock(): Clock & { readonly slept: number[] } {
  let now = Date.UTC(2026, 0, 1);
  const slept: number[] = [];
  return {
    slept,
    now: () => now++,
    sleep: (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

export const USAGE = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 10 };

export type Script = (callNumber: number, request: TeacherRequest) => Partial<AssistantMessage> & { readonly finishReason?: string };

/** Answers by the call's number alone, so that every run of a rollout gets the same replies. Counts what was answered. */
export function scriptedTeacher(script: Script): Teacher & { readonly answered: Map<string, number>; readonly requests: TeacherRequest[] } {
  const answered = new Map<string, number>();
  const requests: TeacherRequest[] = [];
  return {
    answered,
    requests,
    chat: async (request) => {
      requests.push(request);
      const { finishReason, ...message } = script(Number(request.callId.split("/").at(-1)), request);
      answered.set(request.callId, (answered.get(request.callId) ?? 0) + 1);
      return {
        message: { role: "assistant", content: "", reasoning: null, toolCalls: [], ...message },
        finishReason: finishReason ?? "stop",
        usage: USAGE,
        model: "scripted",
        latencyMs: 1,
        rehearsal: false,
      };
    },
    probe: () => Promise.resolve({ model: "scripted", rehearsal: false, contextTokens: null }),
  };
}

let calls = 0;
/** A tool call as a reply holds it. */
export function call(name: string, args: unknown) {
  calls += 1;
  return { id: `t${calls}`, name, arguments: typeof args === "string" ? args : JSON.stringify(args) };
}
