import { describe, expect, test } from "vitest";
import { machineSize } from "../../../core/config/cloud/machine-size.ts";
import { configSchema } from "../../../core/config/schema.ts";
import { orchestrationUsd } from "../../../core/plan/cloud/orchestration.ts";
import { estimatePlan } from "../../../core/plan/estimate.ts";

const SMALL = { machineMib: 512, machineStartSeconds: 0, burstShare: 0 };
const TWO_OF_TEN_MINUTES = { rollouts: 2, rolloutSeconds: 1200, otherSeconds: 0, calls: 72 };

describe("orchestration of one sample", () => {
  test("of two rollouts of ten minutes, by hand", () => {
    const usd = orchestrationUsd(TWO_OF_TEN_MINUTES, SMALL);
    const tasks = 1 + 1200 / 720;
    // 1,200 s of a quarter GB.
    expect(usd.workers).toBeCloseTo(0.004 + tasks * 2e-7, 6);
    // 1,200 s of a quarter of a CPU and half a GB.
    expect(usd.machines).toBeCloseTo(1200 * (0.25 * 0.0000276944 + 0.5 * 0.0000036667), 9);
    expect(usd.machines).toBeCloseTo(0.0105, 4);
    expect(usd.table).toBeCloseTo((72 * 8 + 90 + 120) * 0.625e-6 + (72 * 4 + 120) * 0.125e-6, 9);
    expect(usd.objects).toBeCloseTo((144 + 12) * 5e-6 + 144 * 0.4e-6, 9);
    expect(usd.queues).toBeCloseTo(tasks * 3 * 0.4e-6, 9);
    expect(Object.values(usd).reduce((sum, part) => sum + part, 0)).toBeLessThanOrEqual(0.02);
  });

  test("grows with the machine, its start and its bursts", () => {
    const { machines } = orchestrationUsd(TWO_OF_TEN_MINUTES, SMALL);
    expect(orchestrationUsd(TWO_OF_TEN_MINUTES, { ...SMALL, machineMib: 2048 }).machines).toBeCloseTo(4 * machines, 9);
    expect(orchestrationUsd(TWO_OF_TEN_MINUTES, { ...SMALL, burstShare: 1 }).machines).toBeCloseTo(2 * machines, 9);
    // Two rollouts, and one and two thirds of a task more than one.
    const starts = 2 + 1200 / 720;
    expect(orchestrationUsd(TWO_OF_TEN_MINUTES, { ...SMALL, machineStartSeconds: 12 }).machines).toBeCloseTo(
      (machines * (1200 + 12 * starts)) / 1200,
      9,
    );
  });
});

describe("a machine's size", () => {
  test.each([
    [1024, 256, 512],
    [4096, 2048, 2048],
    [16_384, 8192, 8192],
    [1_000_000, 1, 8192],
  ])("for %i MB of memory and %i MB of disk is %i MiB", (memoryMb, diskMb, mib) => {
    expect(machineSize({ memoryMb, diskMb }, 0)).toBe(mib);
  });

  test("is not under what the deployment asks for", () => {
    expect(machineSize({ memoryMb: 64, diskMb: 16 }, 4096)).toBe(4096);
  });
});

describe("the cloud section of an estimate", () => {
  const teacher = { baseUrl: "http://x/v1", model: "m" };
  const of = (input: object, functions: number | null = null) =>
    estimatePlan({ config: configSchema.parse({ teacher, plan: { samples: 1000 }, ...input }), functions }).cloud;

  test("is in order, adds up, and says whose prices they are", () => {
    const { usd, usdPerSample, parts, secondsPerSample, prices } = of({});
    for (const range of [usd, usdPerSample, secondsPerSample, ...parts.map((part) => part.usd)]) {
      expect(range.low).toBeGreaterThan(0);
      expect(range.low).toBeLessThanOrEqual(range.likely);
      expect(range.likely).toBeLessThanOrEqual(range.high);
    }
    expect(parts.reduce((sum, part) => sum + part.usd.likely, 0)).toBeCloseTo(usd.likely, 9);
    expect(usdPerSample.likely * 1000).toBeCloseTo(usd.likely, 9);
    expect(prices).toMatchObject({ region: "us-east-1", date: expect.stringMatching(/^\d{4}-\d\d$/) });
    // 35 calls of 7.5 s, 2.01 rollouts of them, and two long answers.
    expect(secondsPerSample.likely).toBeCloseTo(35 * 7.5 * 2.01 + (1.02 + 0.99) * 1.02 * 17, 0);
  });

  test("is a small part of what the paper's teachers cost", () => {
    const small = of({ environment: { memoryMb: 1024, diskMb: 256 } });
    expect(small).toMatchObject({ machineMib: 512 });
    expect(small.usdPerSample.likely).toBeLessThan(0.01);
    expect(of({}).machineMib).toBe(1024);
    expect(of({}).usdPerSample.likely).toBeLessThan(0.02);
  });

  test("is nothing for no samples", () => {
    expect(of({}, 0).usd).toEqual({ low: 0, likely: 0, high: 0 });
  });
});
