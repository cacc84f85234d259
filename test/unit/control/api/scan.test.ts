import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scan, type Scanned } from "../../../../core/control/api/scan.ts";

/** Pages of the numbers below `rows`. */
const reader = (rows: number) => {
  const asked: number[] = [];
  return {
    asked,
    read: async (after: number | null, limit: number): Promise<readonly number[]> => {
      asked.push(limit);
      const from = after === null ? 0 : after + 1;
      return Array.from({ length: Math.max(0, Math.min(limit, rows - from)) }, (_, index) => from + index);
    },
  };
};

async function all(rows: number, passes: (row: number) => boolean, limit: number): Promise<{ found: number[]; pages: number }> {
  const { read } = reader(rows);
  const found: number[] = [];
  let from: number | null = null;
  for (let pages = 1; ; pages += 1) {
    const start: number | null = from;
    const page: Scanned<number> = await scan<number>((after, most) => read(after ?? start, most), passes, limit);
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    found.push(...page.rows);
    if (page.last === null) return { found, pages };
    from = page.last;
  }
}

describe("a page of what passes a filter", () => {
  it("misses nothing and repeats nothing, whatever passes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1500), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 400 }), async (rows, limit, every) => {
        const passes = (row: number): boolean => row % every === 0;
        const { found } = await all(rows, passes, limit);
        expect(found).toEqual(Array.from({ length: rows }, (_, row) => row).filter(passes));
      }),
      { numRuns: 200 },
    );
  });

  it("has no next page where nothing follows", async () => {
    expect((await all(10, () => true, 10)).pages).toBe(1);
    expect((await all(400, () => true, 200)).pages).toBe(2);
    expect((await all(0, () => true, 5)).pages).toBe(1);
  });

  it("reads a bounded number of rows, also when nothing passes", async () => {
    const { read, asked } = reader(1_000_000);
    const page = await scan<number>(read, () => false, 10);
    expect(page.rows).toEqual([]);
    expect(page.last).toBe(asked.reduce((sum, limit) => sum + limit, 0) - 1);
    expect(page.last).toBeLessThan(5_000);
  });
});
