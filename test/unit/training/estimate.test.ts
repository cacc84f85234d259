import fc from "fast-check";
import { expect, test } from "vitest";
import { configSchema, type TrainConfig } from "../../../core/config/schema.ts";
import { estimateTraining, likelyUsd, type TrainingEstimate } from "../../../core/training/estimate.ts";
import { loadOfData, loadOfPlan } from "../../../core/training/expected-load.ts";
import { knownBase } from "../../../core/training/known-bases.ts";
import { machineFacts } from "../../../core/training/machines.ts";
import { EVERY_MACHINE } from "../../../core/training/offers.ts";
import { trainingFlops } from "../../../core/training/speed.ts";

const train = (change: Partial<TrainConfig> = {}): TrainConfig => ({ ...configSchema.parse({ train: {} }).train!, ...change });
const large = knownBase("Qwen/Qwen3-32B")!;
/** 8,000 trajectories of 20,000 tokens; in three epochs 480M tokens. */
const PAPER_DATA = { rows: 8000, tokens: 160e6 };

const estimate = (change: Partial<TrainConfig> = {}, data = PAPER_DATA): TrainingEstimate =>
  estimateTraining({ train: train(change), base: large, load: loadOfData(data), offers: EVERY_MACHINE });

test("480M tokens through all weights of 32B are 1.25e20 operations: 87 to 117 GPU hours of an H100 at 40 and 30 %", () => {
  const flops = trainingFlops(large, train({ method: "full" }), PAPER_DATA);
  expect(flops / 1e20).toBeCloseTo(1.25, 2);
  const hoursAt = (mfu: number): number => flops / (989e12 * mfu) / 3600;
  expect(hoursAt(0.4)).toBeCloseTo(87, 0);
  expect(hoursAt(0.3)).toBeCloseTo(117, 0);
});

test("an adapter takes about two thirds of that: the weights' gradients are not made", () => {
  const share = trainingFlops(large, train(), PAPER_DATA) / trainingFlops(large, train({ method: "full" }), PAPER_DATA);
  expect(share).toBeGreaterThan(2 / 3);
  expect(share).toBeLessThan(0.78);
});

test("the range of GPU hours holds what the paper's own figures say, on the machine that is chosen", () => {
  const { chosen } = estimate({ method: "full" });
  expect(chosen).toMatchObject({ choice: { machine: "p5en.48xlarge", gpus: 8 } });
  expect(chosen!.gpuHours.low).toBeLessThan(87);
  expect(chosen!.gpuHours.high).toBeGreaterThan(117);
  expect(chosen!.hours.likely * 8).toBeGreaterThan(chosen!.gpuHours.likely);
});

test("dollars are hours by the price of the machine, spot and on demand, and blocks where they are sold", () => {
  const { machines, prices } = estimate();
  expect(prices.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(machines.map(({ choice }) => choice.machine)).not.toContain("g6e.xlarge");
  for (const { choice, hours, usd, needBytes, haveBytes } of machines) {
    const { onDemandUsd, blockUsd } = machineFacts(choice.machine);
    expect(usd["on-demand"]!.likely).toBeCloseTo(hours.likely * onDemandUsd, 6);
    expect(usd.spot!.low).toBeLessThan(usd["on-demand"]!.low);
    expect(usd.block === null).toBe(blockUsd === null);
    expect(needBytes).toBeLessThan(haveBytes);
  }
  expect(machines.map((one) => likelyUsd(one).likely)).toEqual(machines.map((one) => likelyUsd(one).likely).toSorted((a, b) => a - b));
});

test("several machines have no spot price", () => {
  const { machines } = estimate({ nodes: 2 });
  expect(machines.length).toBeGreaterThan(0);
  for (const { usd, choice } of machines) expect([usd.spot, choice.nodes]).toEqual([null, 2]);
});

test("what fits nowhere is told, with every machine that there would be", () => {
  const { chosen, unfit, machines } = estimate({ method: "full", machine: "p4d.24xlarge" });
  expect(chosen).toBeNull();
  expect(unfit!.message).toContain("p4d.24xlarge has");
  expect(unfit!.hint).toContain("What would fit");
  expect(machines.map(({ choice }) => choice.machine)).toEqual(["p5en.48xlarge"]);
});

test("training that is likely to cost more than is allowed is refused with figures; what it costs is told all the same", () => {
  const { chosen, unfit, machines } = estimate({ maxUsd: 20 });
  expect(chosen).toBeNull();
  expect(unfit!.message).toMatch(/p5en\.48xlarge \(spot\) is likely to cost \$\d+\.\d\d, more than train\.maxUsd \(\$20\)/);
  expect(unfit!.hint).toContain("train.maxUsd");
  expect(machines.length).toBeGreaterThan(0);
  const dear = estimate({ maxUsd: likelyUsd(estimate().chosen!).likely + 0.01 });
  expect(dear.chosen).toEqual(estimate().chosen);
});

test("for a run that is still to be made, rows and tokens follow from its plan", () => {
  const config = configSchema.parse({ train: {} });
  const both = loadOfPlan(config, config.train!, 8000);
  expect(both.rows.likely).toBe(8000);
  expect(both.tokens.likely / both.rows.likely).toBeGreaterThan(15_000);
  expect(both.tokens.high / both.rows.high).toBeLessThanOrEqual(32_768);
  const second = loadOfPlan(config, { ...config.train!, datasets: ["t2"] }, 8000);
  expect(second.rows.likely).toBe(3000);
  const few = loadOfPlan(configSchema.parse({ train: {}, dataset: { maxSamples: 100 } }), config.train!, 8000);
  expect(few.rows).toEqual({ low: 200, likely: 200, high: 200 });
});

test("every range is in order, whatever is trained", () => {
  const settings = fc.record({
    base: fc.constantFrom("Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-32B"),
    method: fc.constantFrom("lora" as const, "full" as const),
    epochs: fc.double({ min: 0.1, max: 10, noNaN: true }),
    samples: fc.integer({ min: 1, max: 100_000 }),
    nodes: fc.constantFrom(1, 2),
  });
  fc.assert(
    fc.property(settings, ({ samples, ...change }) => {
      const config = configSchema.parse({ train: {} });
      const told = train(change);
      const made = estimateTraining({
        train: told,
        base: knownBase(told.base)!,
        load: loadOfPlan(config, told, samples),
        offers: EVERY_MACHINE,
      });
      const ranges = [
        made.rows,
        made.tokens,
        made.flops,
        ...made.machines.flatMap(({ hours, gpuHours, usd }) => [hours, gpuHours, usd["on-demand"]!]),
      ];
      for (const { low, likely, high } of ranges) {
        expect(low).toBeLessThanOrEqual(likely);
        expect(likely).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
