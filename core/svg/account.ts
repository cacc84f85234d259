import type { Journal, JournalEntry, ReplyEntry } from "../agent/journal.ts";
import { settleReply } from "../agent/paid-call.ts";
import { SeracError } from "../errors/index.ts";
import { meterOf } from "./meter.ts";
import { streamsOf } from "./names.ts";
import type { StatePlatform } from "./platform.ts";
import type { SampleRecord } from "./sample.ts";

/** What a sample has cost. Its journals say so and nothing else does: what was paid for is there, whoever paid for it. */
export interface Account {
  /** For whoever works on the sample: a stream that is read or begun through it is not read once more to be counted. */
  readonly journal: Journal;
  /**
   * The sum over all replies, in micro-dollars, after it has been seen to that each is in the run's spend. May be called at any time. A
   * call whose reply is in no journal stays reserved: nobody can tell whether it was asked and billed.
   */
  balance(sample: SampleRecord): Promise<number>;
}

interface Tally {
  readonly entries: number;
  readonly costMicroUsd: number;
  /** The last entry, when it is a reply: perhaps its worker died before it was settled. Nobody appends behind one that is not. */
  readonly last: ReplyEntry | null;
}

const EMPTY: Tally = { entries: 0, costMicroUsd: 0, last: null };

export function openAccount({ journal, store }: Pick<StatePlatform, "journal" | "store">): Account {
  const tallies = new Map<string, Tally>();

  async function tallyOf(streamId: string): Promise<Tally> {
    let tally = EMPTY;
    await journal.visit(streamId, (entry) => {
      tally = count(tally, entry);
    });
    tallies.set(streamId, tally);
    return tally;
  }

  return {
    journal: {
      read: async (streamId) => {
        const entries = await journal.read(streamId);
        tallies.set(streamId, entries.reduce(count, EMPTY));
        return entries;
      },
      append: async (streamId, n, entry) => {
        await journal.append(streamId, n, entry);
        const before = n === 0 ? EMPTY : tallies.get(streamId);
        if (before?.entries === n) tallies.set(streamId, count(before, entry));
        else tallies.delete(streamId);
      },
      visit: (streamId, see) => journal.visit(streamId, see),
    },
    balance: async (sample) => {
      const meter = meterOf(store, sample.runId);
      let total = 0;
      let isDamaged = false;
      for (const streamId of streamsOf(sample)) {
        const tally = tallies.get(streamId) ?? (await unlessDamaged(() => tallyOf(streamId)));
        isDamaged ||= tally === null;
        if (tally === null) continue;
        total += tally.costMicroUsd;
        if (tally.last === null) continue;
        await settleReply(tally.last, meter);
        tallies.set(streamId, { ...tally, last: null });
      }
      return isDamaged ? Math.max(total, sample.costMicroUsd) : total;
    },
  };
}

const count = ({ entries, costMicroUsd }: Tally, entry: JournalEntry): Tally =>
  entry.type === "reply"
    ? { entries: entries + 1, costMicroUsd: costMicroUsd + entry.costMicroUsd, last: entry }
    : { entries: entries + 1, costMicroUsd, last: null };

/** A journal that cannot be read must not keep its sample from ending. */
async function unlessDamaged(read: () => Promise<Tally>): Promise<Tally | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SeracError && error.code === "record_invalid") return null;
    throw error;
  }
}
