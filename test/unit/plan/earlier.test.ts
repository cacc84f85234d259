import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configSchema } from "../../../core/config/schema.ts";
import { LEAST_SAMPLES, measure } from "../../../core/plan/earlier/measure.ts";
import type { ObservedRollout, ObservedSample } from "../../../core/plan/earlier/observed.ts";
import { ratioOf } from "../../../core/plan/earlier/ratio.ts";
import { estimatePlan } from "../../../core/plan/estimate.ts";
import type { Range } from "../../../core/plan/range.ts";

const PRICE = { input: 0.2, cachedInput: 0.03, output: 1.1 };
const config = configSchema.parse({
  teacher: { baseUrl: "http://x/v1", model: "m", price: PRICE, concurrency: 10 },
  plan: { samples: 1000 },
});

/** Ten calls whose prompts grow from 1,000 tokens by 300 a call, of which 100 are the reply before. */
const TEN: ObservedRollout = {
  calls: 10,
  inputTokens: 23_500,
  cachedInputTokens: 19_800,
  outputTokens: 1_000,
  longestInputTokens: 3_700,
  latencyMs: 30_000,
  executionMs: 5_000,
};
const sampleOf = (rollouts: readonly ObservedRollout[], more: Partial<ObservedSample> = {}): ObservedSample => ({
  runId: "run1",
  firstRollouts: 1,
  isDescribed: true,
  isAccepted: true,
  rollouts,
  ...more,
});
const many = (count: number, sample: ObservedSample): ObservedSample[] => Array.from({ length: count }, () => sample);

describe("a ratio", () => {
  test("has a tenth around it at least, and more where the pairs differ", () => {
    expect(ratioOf([])).toBeNull();
    expect(ratioOf([{ of: 3, per: 0 }])).toBeNull();
    const alike = ratioOf(Array.from({ length: 50 }, () => ({ of: 6, per: 2 })))!;
    expect(alike.likely).toBe(3);
    expect(alike.low).toBeCloseTo(2.7, 9);
    expect(alike.high).toBeCloseTo(3.3, 9);
    // 1 and 3, ten times each: a mean of 2, a deviation of sqrt(20/19), of which two standard errors are 0.4588.
    const apart = ratioOf(Array.from({ length: 20 }, (_, at) => ({ of: at % 2 === 0 ? 1 : 3, per: 1 })))!;
    expect(apart.likely).toBe(2);
    expect(apart.high - 2).toBeCloseTo((2 * Math.sqrt(20 / 19)) / Math.sqrt(20), 9);
  });

  test("is in order and not below zero, whatever the pairs", () => {
    // Of next to nothing there is no ratio that a number can hold; what is measured is counted, or takes a millisecond at least.
    const per = fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e6, noNaN: true }));
    const pair = fc.record({ of: fc.double({ min: 0, max: 1e9, noNaN: true }), per });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 30 }), (pairs) => {
        const ratio = ratioOf(pairs);
        if (ratio === null) return;
        expect(ratio.low).toBeGreaterThanOrEqual(0);
        expect(ratio.low).toBeLessThanOrEqual(ratio.likely);
        expect(ratio.likely).toBeLessThanOrEqual(ratio.high);
      }),
    );
  });
});

describe("what earlier runs have measured", () => {
  test("is nothing for a few samples, or without calls", () => {
    expect(measure(many(LEAST_SAMPLES - 1, sampleOf([TEN])))).toBeNull();
    expect(measure(many(50, sampleOf([])))).toBeNull();
    expect(measure(many(50, sampleOf([{ ...TEN, calls: 0 }])))).toBeNull();
  });

  test("is a mean over rollouts, calls or samples", () => {
    const twice = {
      ...TEN,
      calls: 20,
      inputTokens: 90_000,
      cachedInputTokens: 80_000,
      outputTokens: 2_000,
      latencyMs: 90_000,
      executionMs: 5_000,
    };
    const samples = [
      ...many(30, sampleOf([TEN, TEN])),
      ...many(10, sampleOf([twice], { runId: "run2", firstRollouts: 3, isDescribed: false, isAccepted: false })),
    ];
    const { figures, replySeconds, accepted, runs } = measure(samples)!;
    // 60 rollouts of 10 calls and 10 of 20.
    expect(figures.calls!.likely).toBeCloseTo(800 / 70, 9);
    expect(figures.outputTokens!.likely).toBeCloseTo(100, 9);
    expect(figures.contextTokens!.likely).toBeCloseTo((60 * 23_500 + 10 * 90_000) / 800, 9);
    expect(replySeconds.likely).toBeCloseTo((60 * 30 + 10 * 90) / 800, 9);
    expect(figures.commandSeconds!.likely).toBeCloseTo((70 * 5) / 800, 9);
    expect(figures.firstRollouts).toMatchObject({ likely: 1.5 });
    expect(figures.firstRollouts!.low).toBeGreaterThanOrEqual(1);
    expect(figures.described!.likely).toBe(0.75);
    expect(accepted.likely).toBe(0.75);
    expect(runs).toEqual([
      { id: "run1", samples: 30 },
      { id: "run2", samples: 10 },
    ]);
  });

  test("tells what is new in a call from what was said before", () => {
    const { figures } = measure(many(20, sampleOf([TEN])))!;
    // 3,700 tokens in the longest prompt, of which nine replies are 900.
    expect(figures.newInputTokens!.likely).toBeCloseTo(280, 9);
    expect(figures.cachedShare!.likely).toBeCloseTo(19_800 / (23_500 - 2_800), 9);
    // The dearer case has less in the cache.
    expect(figures.cachedShare!.high).toBeLessThan(figures.cachedShare!.likely);
    const whole = measure(many(20, sampleOf([{ ...TEN, cachedInputTokens: 23_500 }])))!;
    expect(whole.figures.cachedShare).toMatchObject({ low: 1, likely: 1 });
  });
});

describe("an estimate with measured figures", () => {
  const measured = measure(many(20, sampleOf([TEN, TEN])))!;
  const estimate = estimatePlan({ config, functions: null, measured });
  const second = estimate.stages.find(({ stage }) => stage === "second")!;

  test("likely costs and takes what the rollouts did", () => {
    expect(second.calls.likely).toBe(10_000);
    expect(second.inputTokens.likely).toBe(23_500_000);
    expect(second.cachedInputTokens.likely).toBe(19_800_000);
    expect(second.outputTokens.likely).toBe(1_000_000);
    expect(second.usd.likely).toBeCloseTo(3.7 * 0.2 + 19.8 * 0.03 + 1 * 1.1, 6);
    expect(second.hours.likely).toBeCloseTo((1000 * 35) / 3600 / 10, 9);
    expect(estimate.cloud.secondsPerSample.likely).toBeGreaterThan(70);
    expect(estimate.cloud.secondsPerSample.likely).toBeLessThan(110);
  });

  test("says from which samples of which runs, and what it expects of them", () => {
    expect(estimate.measured).toEqual({ samples: 20, runs: [{ id: "run1", samples: 20 }] });
    expect(estimate.accepted).toEqual({ low: 900, likely: 1000, high: 1000 });
    const { kind, source, value } = estimate.sources.find(({ figure }) => figure === "teacher calls of a rollout")!;
    expect({ kind, source, likely: value.likely }).toEqual({ kind: "measured", source: "from 20 samples of run run1", likely: 10 });
    expect(estimate.sources[0]!.kind).toBe("measured");
    expect(estimate.sources.find(({ figure }) => figure.startsWith("seconds until a machine"))!.kind).toBe("assumed");
    expect(estimate.notes.join()).not.toMatch(/Nothing is measured/);
    expect(estimatePlan({ config, functions: null }).notes.join()).toMatch(/Nothing is measured yet with m:/);
  });

  test("keeps to the limits of the configuration", () => {
    const short = { ...config, rollout: { ...config.rollout, maxCalls: 4, contextTokens: 2_000 } };
    const { stages } = estimatePlan({ config: short, functions: null, measured });
    expect(stages.find(({ stage }) => stage === "second")).toMatchObject({ calls: { likely: 4_000 }, inputTokens: { likely: 8_000_000 } });
  });

  test("names three runs, and how many others", () => {
    const five = ["a", "b", "c", "d", "e"].flatMap((runId) => many(4, sampleOf([TEN], { runId })));
    const { sources } = estimatePlan({ config, functions: null, measured: measure(five) });
    expect(sources[0]!.source).toBe("from 20 samples of runs a, b, c and 2 others");
  });

  test("is in order whatever was measured", () => {
    const rollout = fc.record({
      calls: fc.integer({ min: 1, max: 115 }),
      inputTokens: fc.integer({ min: 0, max: 1e7 }),
      cachedInputTokens: fc.integer({ min: 0, max: 1e7 }),
      outputTokens: fc.integer({ min: 0, max: 1e6 }),
      longestInputTokens: fc.integer({ min: 0, max: 1e6 }),
      latencyMs: fc.integer({ min: 0, max: 1e7 }),
      executionMs: fc.integer({ min: 0, max: 1e7 }),
    });
    const sample = fc.record({
      runId: fc.constantFrom("a", "b"),
      firstRollouts: fc.integer({ min: 1, max: 3 }),
      isDescribed: fc.boolean(),
      isAccepted: fc.boolean(),
      rollouts: fc.array(rollout, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { minLength: LEAST_SAMPLES, maxLength: 40 }), (samples) => {
        const { total, cloud, accepted } = estimatePlan({ config, functions: null, measured: measure(samples) });
        const ranges: Range[] = [total.calls, total.inputTokens, total.outputTokens, total.usd, total.hours, total.diskBytes, cloud.usd];
        for (const { low, likely, high } of accepted === null ? ranges : [...ranges, accepted]) {
          expect(Number.isFinite(high) && low >= 0).toBe(true);
          expect(low).toBeLessThanOrEqual(likely * (1 + 1e-9));
          expect(likely).toBeLessThanOrEqual(high * (1 + 1e-9));
        }
      }),
    );
  });
});
