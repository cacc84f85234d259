import * as fc from "fast-check";
import { expect, test } from "vitest";

import { knownKeys } from "../../../core/config/known-keys.ts";
import { nearestKey } from "../../../core/config/nearest-key.ts";
import { levenshtein, nearestOf } from "../../../core/config/nearest-word.ts";

test("distances", () => {
  expect([
    levenshtein("", "abc"),
    levenshtein("kitten", "sitting"),
    levenshtein("smaples", "samples"),
    levenshtein("same", "same"),
  ]).toEqual([3, 3, 1, 0]);
});

test("a distance is a distance: none to itself, the same both ways, never longer than the longer text", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(levenshtein(a, a)).toBe(0);
      expect(levenshtein(a, b)).toBe(levenshtein(b, a));
      expect(levenshtein(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(levenshtein(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
    }),
  );
});

const longKeys = knownKeys().filter((known) => known.path.at(-1)!.length >= 6);

test("one slip in a long key of the right section is forgiven", () => {
  fc.assert(
    fc.property(fc.constantFrom(...longKeys), fc.nat(), fc.constantFrom("x", "_", ""), ({ path }, at, slip) => {
      const key = path.at(-1)!;
      const position = at % key.length;
      const written = key.slice(0, position) + slip + key.slice(slip === "" ? position + 1 : position);
      expect(nearestKey([...path.slice(0, -1), written])).toBe(path.join("."));
    }),
  );
});

test("what is like nothing gets no advice", () => {
  expect(nearestKey(["zebra"])).toBeNull();
  expect(nearestKey(["x"])).toBeNull();
  expect(nearestKey([""])).toBeNull();
  expect(nearestOf("qqqq", ["naming"])).toBeNull();
  expect(nearestOf("x", [])).toBeNull();
});
