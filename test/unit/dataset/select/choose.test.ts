import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SELECTIONS } from "../../../../core/config/schema.ts";
import { choose, type Candidate } from "../../../../core/dataset/select/choose.ts";

const candidate = (index: number, ratio: number, functionId: string): Candidate => ({ index, ratio, functionId });
const FIVE = [candidate(0, 0.9, "a"), candidate(1, 1, "a"), candidate(2, 1, "a"), candidate(3, 0.88, "b"), candidate(4, 0.95, "c")];
const chosen = (...args: Parameters<typeof choose>): readonly number[] => [...choose(...args)].toSorted((a, b) => a - b);

describe("choose", () => {
  test("by ratio takes the best kept, the earlier of equals", () => {
    expect(chosen(FIVE, 3, "ratio", 1)).toEqual([1, 2, 4]);
    expect(chosen(FIVE, 1, "ratio", 1)).toEqual([1]);
  });

  test("balanced takes one of every function before a second of any", () => {
    expect(chosen(FIVE, 3, "balanced", 1)).toEqual([1, 3, 4]);
    expect(chosen(FIVE, 4, "balanced", 1)).toEqual([1, 2, 3, 4]);
  });

  test("random depends on the seed and nothing else", () => {
    const many = Array.from({ length: 200 }, (_, index) => candidate(index, 1, "a"));
    const first = chosen(many, 50, "random", 1);
    expect(chosen(many.toReversed(), 50, "random", 1)).toEqual(first);
    expect(chosen(many, 50, "random", 2)).not.toEqual(first);
    expect(chosen(many, 60, "random", 1)).toEqual(expect.arrayContaining([...first]));
  });

  test("random favours no position", () => {
    const many = Array.from({ length: 100 }, (_, index) => candidate(index, 1, "a"));
    const hits = Array.from({ length: 100 }, () => 0);
    for (let seed = 0; seed < 400; seed++) for (const index of choose(many, 10, "random", seed)) hits[index]!++;
    expect(Math.min(...hits)).toBeGreaterThan(15);
    expect(Math.max(...hits)).toBeLessThan(75);
  });

  test.each(SELECTIONS)("property: %s takes as many as there are and wanted", (how) => {
    const any = fc.uniqueArray(fc.nat(1000)).map((all) => all.map((index) => candidate(index, (index % 7) / 7, `f${index % 3}`)));
    fc.assert(
      fc.property(any, fc.nat(50), fc.nat(), (candidates, limit, seed) => {
        const result = chosen(candidates, limit, how, seed);
        expect(result).toHaveLength(Math.min(limit, candidates.length));
        expect(candidates.map(({ index }) => index)).toEqual(expect.arrayContaining([...result]));
      }),
    );
  });
});
