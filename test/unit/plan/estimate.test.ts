import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { configSchema, type ConfigInput, type SeracConfig } from "../../../core/config/schema.ts";
import { estimatePlan, type StageEstimate } from "../../../core/plan/estimate.ts";
import { PAPER } from "../../../core/plan/paper.ts";
import type { Range } from "../../../core/plan/range.ts";

const PRICE = { input: 0.2, cachedInput: 0.03, output: 1.1 };

function configOf(input: ConfigInput = {}, teacher: object = {}): SeracConfig {
  return configSchema.parse({ teacher: { baseUrl: "http://x/v1", model: "m", price: PRICE, ...teacher }, ...input });
}

function stageOf(config: SeracConfig, name: StageEstimate["stage"], functions: number | null = null): StageEstimate {
  return estimatePlan({ config, functions }).stages.find((stage) => stage.stage === name)!;
}

describe("the likely case", () => {
  test("of one second rollout is the paper's trajectory", () => {
    const samples = 10_000;
    const { calls, inputTokens, cachedInputTokens, outputTokens } = stageOf(configOf({ plan: { samples } }), "second");
    const rollouts = samples * (1 - PAPER.allAttemptsBadShare);
    expect(calls.likely / rollouts).toBeCloseTo(35, 6);
    expect(cachedInputTokens.likely / rollouts).toBeCloseTo(749_000, 0);
    expect((inputTokens.likely - cachedInputTokens.likely) / rollouts).toBeCloseTo(24_000, 0);
    expect(outputTokens.likely / rollouts).toBeCloseTo(7700, 1);
  });

  test("costs what the prices say, cached input apart", () => {
    const { usd, inputTokens, cachedInputTokens, outputTokens } = stageOf(configOf(), "first");
    const expected = (inputTokens.likely - cachedInputTokens.likely) * 0.2 + cachedInputTokens.likely * 0.03 + outputTokens.likely * 1.1;
    expect(usd.likely).toBeCloseTo(expected / 1e6, 3);
  });

  test("without a price for cached input takes the price of input", () => {
    const { usd, inputTokens, outputTokens } = stageOf(configOf({}, { price: { input: 1, output: 2 } }), "second");
    expect(usd.likely).toBeCloseTo((inputTokens.likely + 2 * outputTokens.likely) / 1e6, 3);
  });

  test("compares with the paper's prices and its share of training", () => {
    const { paperUsd, trainingUsd } = estimatePlan({ config: configOf({ plan: { samples: 100 } }), functions: null });
    const rollouts = 100 * (1.02 + 0.99);
    expect(paperUsd.map((entry) => [entry.teacher, Number(entry.usd.likely.toFixed(4))])).toEqual(
      [
        ["GLM-4.5-Air", 0.0918],
        ["GLM-4.6", 0.1699],
        ["self-hosted vLLM", 0.1867],
      ].map(([name, usd]) => [name, Number((rollouts * Number(usd)).toFixed(4))]),
    );
    expect(trainingUsd.usd.likely).toBeCloseTo(rollouts * 0.056, 9);
  });
});

const hours = (samples: number, concurrency: number): number =>
  stageOf(configOf({ plan: { samples } }, { concurrency }), "first").hours.likely;

describe("the limits of the configuration", () => {
  test("cap calls, context and replies", () => {
    const config = configOf({ plan: { samples: 100 }, rollout: { maxCalls: 10, contextTokens: 2048 } }, { maxOutputTokens: 50 });
    const { calls, inputTokens, outputTokens } = stageOf(config, "second");
    expect(calls).toEqual({ low: 900, likely: 990, high: 1000 });
    expect(inputTokens.high).toBe(1000 * 2048);
    expect(outputTokens.high).toBe(1000 * 50);
    expect(stageOf(config, "judge").outputTokens.low).toBe(100 * 50);
    expect(stageOf(configOf({ plan: { samples: 100 }, rollout: { attempts: 1 } }), "judge").calls.low).toBe(100);
    expect(stageOf(configOf({ plan: { samples: 100 }, rollout: { attempts: 1 } }), "first").calls.high).toBe(7000);
  });

  test("concurrency divides the hours, as far as there are samples", () => {
    expect(hours(1000, 10)).toBeCloseTo(hours(1000, 1) / 10, 9);
    expect(hours(4, 100)).toBeCloseTo(hours(4, 4), 9);
  });

  test("few functions mean few samples, and it says so", () => {
    const config = configOf({ plan: { samples: 500, perFunction: 2 } });
    const estimate = estimatePlan({ config, functions: 40 });
    expect(estimate.samples).toEqual({ requested: 500, planned: 80 });
    expect(estimate.notes[0]).toMatch(/^80 of 500 samples can be planned/);
    expect(estimatePlan({ config, functions: 1000 }).notes.join()).not.toMatch(/can be planned/);
    expect(estimatePlan({ config, functions: 0 }).total.usd).toEqual({ low: 0, likely: 0, high: 0 });
  });

  test("a budget is told how far it goes", () => {
    const { total } = estimatePlan({ config: configOf({ plan: { samples: 1000 } }), functions: null });
    const half = estimatePlan({ config: configOf({ plan: { samples: 1000 }, budget: { usd: total.usd.likely / 2 } }), functions: null });
    expect(half.budget).toMatchObject({ samples: 500, isEnough: { likely: false, high: false } });
    const ample = estimatePlan({ config: configOf({ plan: { samples: 1000 }, budget: { usd: total.usd.high } }), functions: null });
    expect(ample.budget).toMatchObject({ samples: 1000, isEnough: { low: true, likely: true, high: true } });
    expect(
      estimatePlan({ config: configOf({ budget: { usd: 3 } }, { price: { input: 0, output: 0 } }), functions: null }).budget,
    ).toBeNull();
  });

  test("no teacher and no prices are said", () => {
    const bare = estimatePlan({ config: configSchema.parse({}), functions: null });
    expect(bare.notes.join(" ")).toMatch(/No prices are configured.*No teacher is configured/);
    expect(bare.total.usd.high).toBe(0);
  });
});

test("for any configuration: low is not over likely, likely not over high, all finite, stages add up, plain JSON", () => {
  const settings = fc.record({
    samples: fc.integer({ min: 1, max: 10_000_000 }),
    perFunction: fc.integer({ min: 1, max: 51 }),
    maxCalls: fc.integer({ min: 1, max: 10_000 }),
    contextTokens: fc.integer({ min: 1024, max: 2_000_000 }),
    attempts: fc.integer({ min: 1, max: 10 }),
    concurrency: fc.integer({ min: 1, max: 4096 }),
    price: fc.record({ input: fc.double({ min: 0, max: 100, noNaN: true }), output: fc.double({ min: 0, max: 100, noNaN: true }) }),
    functions: fc.option(fc.nat(2_000_000)),
  });
  // Products are rounded, so that equal quantities may differ in their last digits.
  fc.assert(
    fc.property(settings, ({ samples, perFunction, maxCalls, contextTokens, attempts, concurrency, price, functions }) => {
      const config = configOf({ plan: { samples, perFunction }, rollout: { maxCalls, contextTokens, attempts } }, { concurrency, price });
      const estimate = estimatePlan({ config, functions });
      expect(JSON.parse(JSON.stringify(estimate))).toEqual(estimate);
      const quantities = ["calls", "inputTokens", "cachedInputTokens", "outputTokens", "usd", "hours", "diskBytes"] as const;
      for (const quantity of quantities) {
        const ranges: Range[] = [...estimate.stages.map((stage) => stage[quantity]), estimate.total[quantity]];
        for (const { low, likely, high } of ranges) {
          expect(Number.isFinite(high) && low >= 0).toBe(true);
          // A teacher that caches less has fewer cached tokens in its bad case.
          const upTo = (bound: number): number => bound * (1 + 1e-9);
          expect(quantity === "cachedInputTokens" || (low <= upTo(likely) && likely <= upTo(high))).toBe(true);
        }
        expect(estimate.stages.reduce((sum, stage) => sum + stage[quantity].likely, 0)).toBeCloseTo(estimate.total[quantity].likely, 3);
      }
      for (const stage of estimate.stages) expect(stage.cachedInputTokens.high).toBeLessThanOrEqual(stage.inputTokens.high);
    }),
  );
});

test("every figure says where it comes from", () => {
  const { sources } = estimatePlan({ config: configOf(), functions: null });
  for (const { figure, source } of sources) {
    expect(figure).not.toBe("");
    expect(source).toMatch(/arXiv 2601\.20789|assumption|the configuration|npm run bench/);
  }
  expect(new Set(sources.map((entry) => entry.figure)).size).toBe(sources.length);
});
