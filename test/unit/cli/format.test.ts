import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { counted, rough } from "../../../cli/format/count.ts";
import { duration } from "../../../cli/format/duration.ts";
import { recallHistogram } from "../../../cli/format/histogram.ts";
import { usd } from "../../../cli/format/money.ts";
import { printable } from "../../../cli/format/printable.ts";
import { table } from "../../../cli/format/table.ts";

test("durations show their two largest units", () => {
  const shown = [0, 400, 59_600, 61_000, 3_600_000, 11_100_000, 90_000_000, Number.POSITIVE_INFINITY].map(duration);
  expect(shown).toEqual(["0 s", "0 s", "1 min", "1 min 1 s", "1 h", "3 h 5 min", "1 d 1 h", "unknown"]);
});

test("money shows small sums exactly and large ones in cents", () => {
  expect([0, 100, 91_800, 1_000_000, 12_345_678, 1_300_000_000].map(usd)).toEqual([
    "$0.00",
    "$0.0001",
    "$0.0918",
    "$1.00",
    "$12.35",
    "$1,300.00",
  ]);
});

test("counts", () => {
  expect([counted(1, "sample"), counted(1200, "sample"), counted(0, "entry", "entries")]).toEqual([
    "1 sample",
    "1,200 samples",
    "0 entries",
  ]);
  expect([0, 999, 1000, 140_000, 749_000, 24_000_000, 7.5e9].map(rough)).toEqual(["0", "999", "1K", "140K", "749K", "24M", "7.5B"]);
});

test("a table aligns its columns and leaves no blanks at the ends", () => {
  const text = table(
    [
      ["name", "n"],
      ["a", "1"],
      ["longer", "100"],
    ],
    { right: [1], indent: "  " },
  );
  expect(text).toBe("  name      n\n  a         1\n  longer  100\n");
});

describe("recall histogram", () => {
  test("every bin that is not empty has a bar, the fullest the longest", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 10, maxLength: 10 }), (bins) => {
        const bars = recallHistogram(bins)
          .trimEnd()
          .split("\n")
          .map((line) => line.match(/#/g)?.length ?? 0);
        expect(bars).toHaveLength(10);
        for (const [index, samples] of bins.entries()) expect(bars[index]! > 0).toBe(samples > 0);
        const most = Math.max(...bins);
        expect(bars[bins.indexOf(most)]).toBe(most > 0 ? 40 : 0);
      }),
    );
  });
});

test("printable text holds no control characters but tab and line feed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x2ff })), (codes) => {
      const text = String.fromCharCode(...codes);
      // oxlint-disable-next-line no-control-regex -- these are the ones to look for
      expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
  );
  expect(printable("a\tb\nc\rd\u001B")).toBe("a\tb\nc\\x0dd\\x1b");
});
