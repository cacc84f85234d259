import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { positionOf, sampleKey, sampleKeyAt, shardOf } from "../../../drivers/dynamodb/keys.ts";

const index = fc.integer({ min: 0, max: 9_999_999 });

test("a sample is found by its id where it was put by its index, and positions sort as indexes do", () => {
  fc.assert(
    fc.property(index, index, (a, b) => {
      expect(sampleKey(sampleIdOf("shop-20260101-000000-abcd", a))).toMatchObject(sampleKeyAt("shop-20260101-000000-abcd", a));
      expect(positionOf(a) < positionOf(b)).toBe(a < b);
    }),
  );
});

test("what is no sample's id has no place", () => {
  for (const id of ["", "nope", "run1-s000000", "run1-s000001-first1", "run1-s0000001", "-s000001"]) expect(sampleKey(id)).toBeNull();
});

test("ids that differ in little are spread evenly, and another attempt goes elsewhere", () => {
  const shards = 24;
  const counts = Array.from({ length: shards }, () => 0);
  let moved = 0;
  for (let at = 0; at < 24_000; at++) {
    const id = `${sampleIdOf("run", at)}-first1/${at % 5}`;
    counts[shardOf(id, 0, shards)]! += 1;
    if (shardOf(id, 1, shards) !== shardOf(id, 0, shards)) moved += 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
  expect(moved).toBeGreaterThan(22_000);
});
