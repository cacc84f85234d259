import type { Clock } from "../../../core/errors/clock.ts";
import { finalError } from "./aws-error.ts";
import { type Item, type Key, type Page, type Query, type Table, type Transacted, Unavailable, type Write } from "./operations.ts";

/** Tries of one call, each of which the SDK may have made several times. */
const TRIES = 10;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 2_000;

/** A table that tries again what passes, and then says `cloud_throttled` or `cloud_failed`. */
export interface PatientTable extends Omit<Table, "transact"> {
  /**
   * `writes` are asked for at each try, counted from 0, so that a later one may go where there is less of a crowd. The first of them
   * must carry a condition that no longer holds once the transaction was made: an earlier try may have been, unheard.
   */
  transact(writes: (attempt: number) => readonly Write[]): Promise<Transacted>;
  /** All pages of a query, one after the other. */
  pages(query: Query): AsyncGenerator<readonly Item[]>;
  /** A random time below a bound that doubles with each round. Source: "full jitter", Brooker, AWS Architecture Blog, 2015. */
  pause(round: number): Promise<void>;
}

export interface Patience {
  readonly clock: Pick<Clock, "sleep">;
  /** In [0, 1). */
  readonly random: () => number;
  readonly tableName: string;
}

export function patientTable(table: Table, { clock, random, tableName }: Patience): PatientTable {
  const pause = (round: number): Promise<void> => clock.sleep(Math.ceil(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** round)));

  async function trying<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work(attempt);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        if (attempt + 1 === TRIES) throw finalError(error.cause, error.action, tableName);
        await pause(attempt);
      }
    }
  }

  const page: Table["page"] = (query, from) => trying(() => table.page(query, from));
  return {
    get: (key) => trying(() => table.get(key)),
    getAll: (keys) => trying(() => table.getAll(keys)),
    snapshot: (keys) => trying(() => table.snapshot(keys)),
    page,
    list: (query) => trying(() => table.list(query)),
    write: (write) => trying(() => table.write(write)),
    transact: (writes) => trying((attempt) => table.transact(writes(attempt))),
    pages: async function* (query) {
      let from: Key | null = null;
      do {
        const { items, next }: Page<Item> = await page(query, from);
        yield items;
        from = next;
      } while (from !== null);
    },
    pause,
  };
}
