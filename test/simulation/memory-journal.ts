import type { Journal, JournalEntry } from "../../core/agent/journal.ts";
import { ConflictError } from "../../core/errors/index.ts";
import type { Machine } from "./machine.ts";

const APPEND_MS = 24;
const READ_MS = 30;

/** Objects that are written once: the second writer of a number is refused, as by `If-None-Match: *`. */
export interface SharedJournal {
  readonly streams: Map<string, JournalEntry[]>;
  readonly replies: { count: number; costMicroUsd: number };
  readonly conflicts: { count: number };
}

export const newJournal = (): SharedJournal => ({ streams: new Map(), replies: { count: 0, costMicroUsd: 0 }, conflicts: { count: 0 } });

export function journalFor(machine: Machine, shared: SharedJournal, onAppend: () => void): Journal {
  return {
    append: (streamId, n, entry) =>
      machine.ask(APPEND_MS, () => {
        const stream = shared.streams.get(streamId) ?? [];
        if (n !== stream.length) {
          shared.conflicts.count += 1;
          throw new ConflictError("journal_conflict", `entry ${n} of ${streamId} is written already, or the one before it is missing`);
        }
        stream.push(entry);
        shared.streams.set(streamId, stream);
        if (entry.type === "reply") {
          shared.replies.count += 1;
          shared.replies.costMicroUsd += entry.costMicroUsd;
        }
        onAppend();
      }),
    read: (streamId) => machine.ask(READ_MS, () => [...(shared.streams.get(streamId) ?? [])]),
    visit: (streamId, see) => machine.ask(READ_MS, () => shared.streams.get(streamId)?.forEach(see)),
  };
}

export function isJournaled(shared: SharedJournal, callId: string): boolean {
  const stream = shared.streams.get(callId.slice(0, callId.lastIndexOf("/")));
  return stream?.some((entry) => entry.type === "reply" && entry.callId === callId) === true;
}
