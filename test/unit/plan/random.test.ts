import * as fc from "fast-check";
import { expect, test } from "vitest";

import { digest, randomFrom, wholeNumber, xoshiro128 } from "../../../core/plan/random.ts";

test("xoshiro128** gives the published first numbers of the state 1, 2, 3, 4", () => {
  // The test vector of the rand_xoshiro crate, made with the authors' C code.
  const next = xoshiro128(Uint32Array.of(1, 2, 3, 4));
  expect(Array.from({ length: 10 }, next)).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

test("a digest is the start of SHA-256 over the words as JSON", () => {
  // printf '["a",1]' | sha256sum
  expect(Array.from(digest("a", 1), (word) => word.toString(16).padStart(8, "0")).join("")).toBe("135f17a475a61afdeeaf3759ad2e45ad");
});

test("words cannot run into each other", () => {
  expect(digest("ab", "c")).not.toEqual(digest("a", "bc"));
  expect(digest("1")).not.toEqual(digest(1));
});

test("numbers stay in their range", () => {
  expect(wholeNumber(Uint32Array.of(0xffffffff, 0xffffffff))).toBe(Number.MAX_SAFE_INTEGER);
  expect(wholeNumber(Uint32Array.of(0, 0))).toBe(0);
  fc.assert(
    fc.property(fc.string(), fc.nat(), (word, seed) => {
      const random = randomFrom(digest(word, seed));
      for (let i = 0; i < 20; i++) {
        const value = random();
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
      }
    }),
  );
});
