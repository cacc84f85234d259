import { TABLE } from "../../core/config/cloud/names.ts";
import { sizeOf } from "../../drivers/dynamodb/table/item-size.ts";
import type { Item, Table, Write } from "../../drivers/dynamodb/table/operations.ts";
import { memoryTable } from "../simulation/memory-table.ts";
import type { Meter } from "./requests.ts";

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/**
 * A table in memory that bills as DynamoDB does on demand: a write by the larger of the item before and after it, refused or not; a
 * transaction twice; a query by all that it reads. Source: "Read and write operations" and "Transactions" of the developer guide,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function billedTable(meter: Meter): Table {
  const memory = memoryTable();
  const units = (bytes: number, unit: number): number => Math.max(1, Math.ceil(bytes / unit));
  const bytesOf = (item: Item | null): number => (item === null ? 0 : sizeOf(item));

  const read = (items: readonly (Item | null)[], times: number): void => {
    for (const item of items) meter.add("tableReadUnits", times * units(bytesOf(item), READ_UNIT_BYTES));
  };
  const wrote = ({ key }: Write, before: Item | null, times: number): void => {
    const after = memory.get(key);
    meter.add("tableWriteUnits", times * units(Math.max(bytesOf(before), bytesOf(after)), WRITE_UNIT_BYTES));
    const isListed = after?.[TABLE.index.partitionKey] !== before?.[TABLE.index.partitionKey];
    if (isListed) meter.add("tableWriteUnits", 1);
  };
  const now = async <T>(work: () => T): Promise<T> => work();

  return {
    get: (key) =>
      now(() => {
        const item = memory.get(key);
        read([item], 1);
        return item;
      }),
    getAll: (keys) =>
      now(() => {
        const items = keys.map(memory.get);
        read(items, 1);
        return items;
      }),
    snapshot: (keys) =>
      now(() => {
        const items = keys.map(memory.get);
        read(items, 2);
        return items;
      }),
    page: (query) =>
      now(() => {
        const looked = memory.query({ ...query, only: undefined });
        const bytes = looked.reduce((sum, item) => sum + sizeOf(item), 0);
        meter.add("tableReadUnits", units(bytes, READ_UNIT_BYTES));
        return { items: memory.query(query), next: null };
      }),
    // Read from the index, which is not consistent: half the price.
    list: (query) =>
      now(() => {
        meter.add("tableReadUnits", 0.5);
        return memory.list(query);
      }),
    write: (write) =>
      now(() => {
        const before = memory.get(write.key);
        const written = memory.write(write);
        wrote(write, before, 1);
        return written;
      }),
    transact: (writes) =>
      now(() => {
        const before = writes.map(({ key }) => memory.get(key));
        const done = memory.transact(writes);
        writes.forEach((write, at) => wrote(write, before[at]!, 2));
        return done;
      }),
  };
}
