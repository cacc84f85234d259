import type { JournalEntry, ObservationEntry, ReplyEntry } from "../../core/agent/journal.ts";
import { median, sum } from "./statistics.ts";

/** One task of a worker that brought a sample from its beginning to its end. Milliseconds. */
export interface WorkedTask {
  /** Since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly cpuMs: number;
  /** The journals of its rollouts, in order. */
  readonly rollouts: readonly (readonly JournalEntry[])[];
  /** Those of its judgements and texts. */
  readonly others: readonly (readonly JournalEntry[])[];
}

/** What such a task took beside the teacher's replies and the commands. Milliseconds. */
export interface OwnTime {
  /** Of each call but the first of each rollout, which opens the machine. */
  readonly calls: readonly number[];
  /** CPU of the whole task, for each of its calls. */
  readonly cpuPerCall: number;
  /** Of each machine: until its first command could run. */
  readonly machines: readonly number[];
  /** Beside its calls, shared out among the rollouts: opening, end, trajectory, judgement or text. */
  readonly rollout: number;
  /** Before the first entry of a journal, and after the last. */
  readonly task: number;
}

export function ownTimeOf({ startMs, endMs, cpuMs, rollouts, others }: WorkedTask): OwnTime {
  const gaps = rollouts.map(gapsOf);
  const calls = gaps.flatMap((all) => all.slice(1));
  const usual = median(calls);
  const machines = gaps.flatMap(([first]) => (first === undefined ? [] : [Math.max(0, first - usual)]));
  const entries = [...rollouts, ...others].flat();
  const moments = entries.map(({ at }) => Date.parse(at));
  const task = Math.min(...moments) - startMs + (endMs - Math.max(...moments));
  const replies = entries.filter(isReply);
  const waited = sum(replies.map(({ latencyMs }) => latencyMs)) + sum(entries.filter(isObservation).map(({ executionMs }) => executionMs));
  const rest = endMs - startMs - task - waited - sum(calls) - sum(machines);
  return { calls, cpuPerCall: cpuMs / replies.length, machines, rollout: Math.max(0, rest / rollouts.length), task };
}

/** From one reply to the next, less the command and the wait for that next one. */
function gapsOf(entries: readonly JournalEntry[]): number[] {
  const gaps: number[] = [];
  let beforeMs: number | null = null;
  let executionMs = 0;
  for (const entry of entries) {
    if (isObservation(entry)) executionMs += entry.executionMs;
    if (!isReply(entry)) continue;
    const atMs = Date.parse(entry.at);
    if (beforeMs !== null) gaps.push(atMs - beforeMs - entry.latencyMs - executionMs);
    beforeMs = atMs;
    executionMs = 0;
  }
  return gaps.map((gap) => Math.max(0, gap));
}

const isReply = (entry: JournalEntry): entry is ReplyEntry => entry.type === "reply";
const isObservation = (entry: JournalEntry): entry is ObservationEntry => entry.type === "observation";
