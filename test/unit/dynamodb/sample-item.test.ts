import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SAMPLE_REASONS, SAMPLE_STATES } from "../../../core/svg/sample.ts";
import { countersOf, difference, scoreStatistics, stateCounts } from "../../../drivers/dynamodb/samples/sample-item.ts";
import { sampleRecord } from "../../contract/store/sample-data.ts";

const score = fc
  .double({ min: 0, max: 1, noNaN: true })
  .map((recall) => ({ recall, precision: null, matched: 0, targetLines: 1, candidateLines: 1, recallSera: null }));
const sample = fc
  .record({
    state: fc.constantFrom(...SAMPLE_STATES),
    reason: fc.option(fc.constantFrom(...SAMPLE_REASONS)),
    score: fc.option(score),
  })
  .map((change) => sampleRecord(0, change));

/** Spread over shards and added up again. */
function summed(...changes: readonly Readonly<Record<string, number>>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const change of changes) for (const [name, amount] of Object.entries(change)) sums.set(name, (sums.get(name) ?? 0) + amount);
  return sums;
}

test("a sample that went through any life is counted where it ended, and nowhere else", () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 8 }), (life) => {
      const steps = life.slice(1).map((after, at) => difference(life[at]!, after));
      const sums = summed(countersOf(life[0]!), ...steps);
      const last = life.at(-1)!;
      expect(stateCounts(sums)).toEqual([{ state: last.state, reason: last.reason, samples: 1 }]);
      expect(new Map([...sums].filter(([, amount]) => amount !== 0))).toEqual(
        new Map(Object.entries(countersOf(last)).filter(([, amount]) => amount !== 0)),
      );
      const { samples, recallMean } = scoreStatistics(sums);
      expect(samples).toBe(last.score === null ? 0 : 1);
      expect(recallMean === null ? null : Math.abs(recallMean - last.score!.recall) < 1e-9).toBe(last.score === null ? null : true);
    }),
  );
});

test("a transition that changes nothing that is counted adds nothing", () => {
  expect(difference(sampleRecord(0), sampleRecord(0, { costMicroUsd: 5, attempts: 2 }))).toEqual({});
});
