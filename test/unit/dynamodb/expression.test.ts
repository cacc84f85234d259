import { expect, test } from "vitest";
import { aliases, allOf, fromAttributes, toAttribute, updateOf } from "../../../drivers/dynamodb/table/expression.ts";

test("every name has an alias, one each, and every value its own", () => {
  const as = aliases();
  const text = allOf(
    [
      { absent: "pk" },
      { anyOf: [{ equal: ["owner", "a"] }, { atMost: ["expires", 5] }, { present: "x" }] },
      { below: ["a.b", 1] },
      { atLeast: ["a.b", -2] },
    ],
    as,
  );
  expect(text).toBe("attribute_not_exists(#n0) AND (#n1 = :v0 OR #n2 <= :v1 OR attribute_exists(#n3)) AND #n4 < :v2 AND #n4 >= :v3");
  expect(as.names).toEqual({ "#n0": "pk", "#n1": "owner", "#n2": "expires", "#n3": "x", "#n4": "a.b" });
  expect(as.values).toEqual({ ":v0": { S: "a" }, ":v1": { N: "5" }, ":v2": { N: "1" }, ":v3": { N: "-2" } });
});

test("an update has the clauses that it needs; a check has none", () => {
  const key = { partition: "p", sort: "s" };
  expect(updateOf({ key, when: [{ present: "pk" }] }, aliases())).toBeNull();
  expect(updateOf({ key, set: { a: 1, b: true }, add: { n: -3 }, remove: ["x", "y"] }, aliases())).toBe(
    "SET #n0 = :v0, #n1 = :v1 ADD #n2 :v2 REMOVE #n3, #n4",
  );
  expect(updateOf({ key, set: {}, add: {}, remove: ["x"] }, aliases())).toBe("REMOVE #n0");
});

test("values survive, micro-dollars to the last; kinds that serac never writes are left out", () => {
  const item = { text: "é", none: "", big: Number.MAX_SAFE_INTEGER, part: 0.1, minus: -7, yes: true, no: false };
  const stored = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toAttribute(value)]));
  expect(fromAttributes({ ...stored, list: { L: [] }, nothing: { NULL: true } })).toEqual(item);
  expect(fromAttributes(undefined)).toBeNull();
});
