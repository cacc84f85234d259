import { TABLE } from "../../core/config/cloud/names.ts";
import type {
  Condition,
  Item,
  Key,
  ListQuery,
  Query,
  Refused,
  Transacted,
  Write,
  Written,
} from "../../drivers/dynamodb/table/operations.ts";

/** A table in memory: what DynamoDB does with the store's operations, at once and without ever being busy. */
export interface MemoryTable {
  readonly get: (key: Key) => Item | null;
  query(query: Query): Item[];
  list(query: ListQuery): Key[];
  write(write: Write): Written;
  transact(writes: readonly Write[]): Transacted;
  partitions(): IterableIterator<Map<string, Item>>;
}

export type OnChange = (key: Key, before: Item | null, after: Item) => void;

export function memoryTable(onChange: OnChange = () => {}): MemoryTable {
  const partitions = new Map<string, Map<string, Item>>();
  const lists = new Map<string, Map<string, Key>>();

  const get = ({ partition, sort }: Key): Item | null => partitions.get(partition)?.get(sort) ?? null;

  function put(key: Key, item: Item): void {
    const partition = partitions.get(key.partition) ?? new Map<string, Item>();
    if (partition.size === 0) partitions.set(key.partition, partition);
    const before = partition.get(key.sort) ?? null;
    partition.set(key.sort, item);
    const list = item[TABLE.index.partitionKey];
    const listedBefore = before?.[TABLE.index.partitionKey];
    if (typeof listedBefore === "string") lists.get(listedBefore)?.delete(String(before?.[TABLE.index.sortKey]));
    if (typeof list === "string") {
      const places = lists.get(list) ?? new Map<string, Key>();
      lists.set(list, places.set(String(item[TABLE.index.sortKey]), key));
    }
    onChange(key, before, item);
  }

  return {
    get,
    partitions: () => partitions.values(),
    query: ({ partition, after, only, limit }) => {
      const found = [...(partitions.get(partition) ?? [])]
        .filter(([sort]) => after === undefined || sort > after)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, item]) => item);
      const wanted = only === undefined ? found : found.filter((item) => only.values.some((value) => item[only.name] === value));
      return only === undefined ? wanted.slice(0, limit) : wanted;
    },
    list: ({ list, before, limit }) =>
      [...(lists.get(list) ?? [])]
        .filter(([place]) => before === undefined || place < before)
        .toSorted(([a], [b]) => (a > b ? -1 : 1))
        .map(([, key]) => key)
        .slice(0, limit),
    write: (write) => {
      const before = get(write.key);
      if (!holds(write.when, before)) return { ok: false, item: before };
      const item = changed(before, write);
      put(write.key, item);
      return { ok: true, item };
    },
    transact: (writes) => {
      const refused: Refused = new Map(
        writes.flatMap((write, at) => {
          const before = get(write.key);
          return holds(write.when, before) ? [] : [[at, before] as const];
        }),
      );
      if (refused.size > 0) return { ok: false, refused };
      for (const write of writes) if (isChange(write)) put(write.key, changed(get(write.key), write));
      return { ok: true };
    },
  };
}

export const isChange = ({ set, add, remove }: Write): boolean => [set, add, remove].some((part) => Object.keys(part ?? {}).length > 0);

function holds(conditions: readonly Condition[] | undefined, item: Item | null): boolean {
  return conditions === undefined || conditions.every((condition) => isTrue(condition, item ?? {}));
}

function isTrue(condition: Condition, item: Item): boolean {
  if ("absent" in condition) return item[condition.absent] === undefined;
  if ("present" in condition) return item[condition.present] !== undefined;
  if ("equal" in condition) return item[condition.equal[0]] === condition.equal[1];
  if ("anyOf" in condition) return condition.anyOf.some((one) => isTrue(one, item));
  const [name, value] = "atLeast" in condition ? condition.atLeast : "atMost" in condition ? condition.atMost : condition.below;
  const own = item[name];
  if (typeof own !== "number") return false;
  return "atLeast" in condition ? own >= value : "atMost" in condition ? own <= value : own < value;
}

function changed(before: Item | null, { key, set, add = {}, remove = [] }: Write): Item {
  const item: Record<string, Item[string]> = {
    ...before,
    [TABLE.partitionKey]: key.partition,
    [TABLE.sortKey]: key.sort,
    ...set,
  };
  for (const [name, amount] of Object.entries(add)) item[name] = Number(item[name] ?? 0) + amount;
  for (const name of remove) delete item[name];
  return item;
}
