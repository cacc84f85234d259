import { type Key, type Table, type Transacted, Unavailable, type Write } from "../../drivers/dynamodb/table/operations.ts";
import type { Machine } from "./machine.ts";
import { isChange, type MemoryTable } from "./memory-table.ts";
import type { Traffic } from "./traffic.ts";
import type { World } from "./world.ts";

/** Round trip of one request. */
const READ_MS = 6;
const WRITE_MS = 8;
const TRANSACTION_MS = 14;
/** An item of a transaction that is under way refuses other writers and transactions for so long. */
const LOCKED_MS = 6;
/** Requests that are turned away for no reason that a caller could know. */
const THROTTLED_SHARE = 0.001;

export interface SharedTable {
  readonly memory: MemoryTable;
  readonly traffic: Traffic;
  readonly world: World;
  readonly locked: Set<string>;
  readonly conflicts: { count: number };
  /** Write units that the table takes in a second; as many as are asked for when left out. */
  readonly writeUnitsPerSecond?: number;
}

/** The one table, as a machine sees it over the network: late, now and then busy, and with DynamoDB's conflicts of transactions. */
export function tableFor(machine: Machine, shared: SharedTable): Table {
  const { memory, traffic, world, locked, conflicts } = shared;
  const refuseNowAndThen = (action: string): void => {
    if (world.random() < THROTTLED_SHARE) throw unavailable(action, "ThrottlingException");
  };
  const refuseLocked = (action: string, keys: readonly Key[]): void => {
    if (!keys.some((key) => locked.has(nameOf(key)))) return;
    conflicts.count += 1;
    throw unavailable(action, "TransactionConflictException");
  };
  const refuseBeyondCapacity = (action: string): void => {
    if (traffic.unitsThisSecond() >= (shared.writeUnitsPerSecond ?? Infinity)) throw unavailable(action, "ThrottlingException");
  };
  const read = <T>(items: number, action: string, work: () => T): Promise<T> =>
    machine.ask(READ_MS, () => {
      refuseNowAndThen(action);
      traffic.readItems(items);
      return work();
    });

  return {
    get: (key) => read(1, "GetItem", () => memory.get(key)),
    getAll: (keys) => read(keys.length, "BatchGetItem", () => keys.map(memory.get)),
    snapshot: (keys) =>
      read(keys.length, "TransactGetItems", () => {
        refuseLocked("TransactGetItems", keys);
        return keys.map(memory.get);
      }),
    page: (query) => read(1, "Query", () => ({ items: memory.query(query), next: null })),
    list: (query) => read(1, "Query", () => memory.list(query)),
    write: (write) =>
      machine.ask(WRITE_MS, () => {
        refuseNowAndThen("UpdateItem");
        refuseBeyondCapacity("UpdateItem");
        refuseLocked("UpdateItem", [write.key]);
        const written = memory.write(write);
        traffic.wrote(write.key.partition, written.item, false);
        return written;
      }),
    transact: async (writes) => {
      const keys = writes.map(({ key }) => key);
      const done = Promise.withResolvers<Transacted>();
      await machine.ask(TRANSACTION_MS - LOCKED_MS, () => {
        refuseNowAndThen("TransactWriteItems");
        refuseBeyondCapacity("TransactWriteItems");
        refuseLocked("TransactWriteItems", keys);
        for (const key of keys) locked.add(nameOf(key));
        // It ends whether or not anybody lives to hear of it.
        world.after(LOCKED_MS, () => {
          for (const key of keys) locked.delete(nameOf(key));
          const result = memory.transact(writes);
          count(writes, result, memory, traffic);
          done.resolve(result);
        });
      });
      const result = await done.promise;
      await machine.wait(1);
      return result;
    },
  };
}

function count(writes: readonly Write[], result: Transacted, memory: MemoryTable, traffic: Traffic): void {
  for (const [at, write] of writes.entries()) {
    if (!result.ok && !isChange(write)) continue;
    const item = result.ok ? memory.get(write.key) : (result.refused.get(at) ?? null);
    traffic.wrote(write.key.partition, item, true);
  }
}

const nameOf = ({ partition, sort }: Key): string => `${partition}\n${sort}`;

const unavailable = (action: string, name: string): Unavailable => new Unavailable(action, Object.assign(new Error(name), { name }));
