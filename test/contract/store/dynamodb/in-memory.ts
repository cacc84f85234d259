import type { Clock } from "../../../../core/errors/clock.ts";
import { type Store, storeIn } from "../../../../drivers/dynamodb/store.ts";
import { type Table, Unavailable } from "../../../../drivers/dynamodb/table/operations.ts";
import { patientTable } from "../../../../drivers/dynamodb/table/patient-table.ts";
import { memoryTable, type MemoryTable } from "../../../simulation/memory-table.ts";

/** The executor in memory as a whole table: every answer comes a moment later, so that callers interleave. */
export function asTable(memory: MemoryTable): Table {
  const soon = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
  return {
    get: (key) => soon(() => memory.get(key)),
    getAll: (keys) => soon(() => keys.map(memory.get)),
    snapshot: (keys) => soon(() => keys.map(memory.get)),
    page: (query) => soon(() => ({ items: memory.query(query), next: null })),
    list: (query) => soon(() => memory.list(query)),
    write: (write) => soon(() => memory.write(write)),
    transact: (writes) => soon(() => memory.transact(writes)),
  };
}

const NO_WAITING = { sleep: () => Promise.resolve() };

export function storeOn(table: Table, clock: Clock): Store {
  let stamps = 0;
  const patience = { clock: NO_WAITING, random: () => 0.5, tableName: "memory" };
  return storeIn({ table: patientTable(table, patience), clock, newStamp: () => `stamp-${stamps++}` });
}

export const storeInMemory = (clock: Clock): { store: Store; memory: MemoryTable } => {
  const memory = memoryTable();
  return { store: storeOn(asTable(memory), clock), memory };
};

/** What goes wrong with the n-th request: `before`, it never arrives; `after`, it is done and nobody hears of it. */
export type Trouble = (request: number) => "before" | "after" | null;

/** Every request of the table may go wrong. */
export function troubled(table: Table, trouble: Trouble): Table {
  let requests = 0;
  const risk = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    const kind = trouble(requests++);
    const lost = (): Unavailable => new Unavailable(action, Object.assign(new Error("socket hang up"), { name: "TimeoutError" }));
    if (kind === "before") throw lost();
    const answer = await work();
    if (kind === "after") throw lost();
    return answer;
  };
  return {
    get: (key) => risk("GetItem", () => table.get(key)),
    getAll: (keys) => risk("BatchGetItem", () => table.getAll(keys)),
    snapshot: (keys) => risk("TransactGetItems", () => table.snapshot(keys)),
    page: (query, from) => risk("Query", () => table.page(query, from)),
    list: (query) => risk("Query", () => table.list(query)),
    write: (write) => risk("UpdateItem", () => table.write(write)),
    transact: (writes) => risk("TransactWriteItems", () => table.transact(writes)),
  };
}
