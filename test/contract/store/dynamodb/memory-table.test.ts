import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TABLE } from "../../../../core/config/cloud/names.ts";
import type { Condition, Item, Key, Table, Value, Write } from "../../../../drivers/dynamodb/table/operations.ts";
import { sdkTable } from "../../../../drivers/dynamodb/table/sdk-table.ts";
import { useDynamo } from "../../../cloud/use-moto.ts";
import { memoryTable, type MemoryTable } from "../../../simulation/memory-table.ts";
import { newTable } from "../../../cloud/table.ts";

/** Some hundred requests to an emulator that takes them one by one. */
const SLOW_MS = 240_000;

const dynamo = useDynamo();

/** Each attribute keeps its type, as the store's do. One has a reserved word for its name, one has a dot in it. */
const NUMBERS = ["size", "a.b"];
const TEXTS = ["name", "#x"];
const FLAG = "isOpen";

const key: fc.Arbitrary<Key> = fc.record({ partition: fc.constantFrom("p", "q"), sort: fc.constantFrom("1", "2") });
/** Few, so that comparisons often meet what they compare with. */
const near = fc.integer({ min: -1, max: 2 });
const number = fc.oneof({ weight: 4, arbitrary: near }, fc.constantFrom(1_700_000_000_123, -9_007_199_254_740_991, 0.5));
const text = fc.constantFrom("", "x", "y");
const attribute: fc.Arbitrary<readonly [string, Value]> = fc.oneof(
  fc.tuple(fc.constantFrom(...NUMBERS), number),
  fc.tuple(fc.constantFrom(...TEXTS), text),
  fc.tuple(fc.constant(FLAG), fc.boolean()),
);
const anyName = fc.constantFrom(...NUMBERS, ...TEXTS, FLAG, TABLE.partitionKey);
const compared = fc.tuple(fc.constantFrom(...NUMBERS), near);
const simple: fc.Arbitrary<Condition> = fc.oneof(
  anyName.map((absent) => ({ absent })),
  anyName.map((present) => ({ present })),
  attribute.map((equal) => ({ equal })),
  compared.map((atLeast) => ({ atLeast })),
  compared.map((atMost) => ({ atMost })),
  compared.map((below) => ({ below })),
);
const condition = fc.oneof(
  simple,
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
);
const when = fc.array(condition, { maxLength: 2 });

/** No attribute twice in one write: DynamoDB refuses that, and the store never does it. */
const write: fc.Arbitrary<Write> = fc
  .record({
    key,
    when,
    set: fc.array(attribute, { minLength: 1, maxLength: 4 }),
    add: fc.array(fc.tuple(fc.constantFrom(...NUMBERS), near), { maxLength: 2 }),
    remove: fc.uniqueArray(fc.constantFrom(...NUMBERS, ...TEXTS, FLAG), { maxLength: 2 }),
  })
  .map((parts) => {
    const set = Object.fromEntries(parts.set);
    const add = Object.fromEntries(parts.add.filter(([name]) => !(name in set)));
    return { key: parts.key, when: parts.when, set, add, remove: parts.remove.filter((name) => !(name in set) && !(name in add)) };
  });
const check: fc.Arbitrary<Write> = fc.record({ key, when: fc.array(condition, { minLength: 1, maxLength: 2 }) });
const listing: fc.Arbitrary<Write> = fc.tuple(key, fc.constantFrom("runs", "keys")).map(([at, list]) => ({
  key: at,
  set: { [TABLE.index.partitionKey]: list, [TABLE.index.sortKey]: `${at.partition}#${at.sort}` },
}));

type Step = (table: Table | MemoryTable) => unknown;

const transaction = fc
  .uniqueArray(fc.oneof(write, check), { minLength: 1, maxLength: 4, selector: ({ key: at }) => `${at.partition} ${at.sort}` })
  .map(
    (writes): Step =>
      (table) =>
        table.transact(writes),
  );
const query = fc.record({
  partition: fc.constantFrom("p", "q", "none"),
  after: fc.option(fc.constantFrom("0", "1", "2"), { nil: undefined }),
  only: fc.option(fc.record({ name: fc.constant("name"), values: fc.uniqueArray(text, { minLength: 1, maxLength: 2 }) }), {
    nil: undefined,
  }),
});
const list = fc.record({
  list: fc.constantFrom("runs", "keys"),
  before: fc.option(fc.constantFrom("p#2", "q#1"), { nil: undefined }),
  limit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: write.map(
      (given): Step =>
        (table) =>
          table.write(given),
    ),
  },
  { weight: 3, arbitrary: transaction },
  {
    weight: 1,
    arbitrary: listing.map(
      (given): Step =>
        (table) =>
          table.write(given),
    ),
  },
  {
    weight: 2,
    arbitrary: key.map(
      (at): Step =>
        (table) =>
          table.get(at),
    ),
  },
  {
    weight: 1,
    arbitrary: list.map(
      (given): Step =>
        (table) =>
          table.list(given),
    ),
  },
  {
    weight: 1,
    arbitrary: query.map(
      (given): Step =>
        async (table) =>
          "query" in table ? table.query(given) : (await table.page(given, null)).items,
    ),
  },
);

const KEYS = ["p", "q"].flatMap((partition) => ["1", "2"].map((sort) => ({ partition, sort })));

test(
  "what is done in memory is what DynamoDB does: the same operations, the same answers, the same items",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 40, size: "max" }), async (steps) => {
        const memory = memoryTable();
        const table = sdkTable(dynamo.client, await newTable(dynamo.client));
        for (const run of steps) expect(await run(memory)).toEqual(await run(table));
        const items: (Item | null)[] = KEYS.map((at) => memory.get(at));
        expect(await table.getAll(KEYS)).toEqual(items);
        expect(await table.snapshot(KEYS)).toEqual(items);
      }),
      { numRuns: 20 },
    );
  },
  SLOW_MS,
);
