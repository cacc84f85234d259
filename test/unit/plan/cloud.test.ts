import { describe, expect, test } from "vitest";
import { machineSize } from "../../../core/config/cloud/machine-size.ts";
import { configSchema } from "../../../core/config/schema.ts";
import { COUNTED } from "../../../core/plan/cloud/counted.ts";
import { orchestrationUsd } from "../../../core/plan/cloud/orchestration.ts";
import { estimatePlan } from "../../../core/plan/estimate.ts";

const OWN = { callSeconds: 0.1, rolloutSeconds: 1, taskSeconds: 2, preparedSeconds: 0.01, finishedSeconds: 0.2 };
const NONE = { callSeconds: 0, rolloutSeconds: 0, taskSeconds: 0, preparedSeconds: 0, finishedSeconds: 0 };
const SMALL = { machineMib: 512, machineStartSeconds: 0, burstShare: 0, own: OWN };
const TWO_OF_TEN_MINUTES = { rollouts: 2, rolloutCalls: 70, rolloutSeconds: 1200, otherSeconds: 30 };

describe("orchestration of one sample", () => {
  test("of two rollouts of ten minutes, by hand", () => {
    const usd = orchestrationUsd(TWO_OF_TEN_MINUTES, SMALL);
    // 70 calls of 0.1 s and two rollouts of 1 s are serac's own.
    const work = 1200 + 30 + 7 + 2;
    const later = work / 720;
    const worker = work + 2 * (1 + later);
    // 256 of 1,024 MiB.
    expect(usd.workers).toBeCloseTo(worker * 0.25 * 0.0000133334 + (1 + later) * 2e-7, 9);
    // A quarter of a CPU and half a GB; not while a judgement is made.
    expect(usd.machines).toBeCloseTo(1209 * (0.25 * 0.0000276944 + 0.5 * 0.0000036667), 9);
    // A run is looked at every 10 s, a lease renewed every 20 s. A task that goes on reads the journal of 17.5 calls.
    const { call, rollout, sample, continuation, continuationCall, look, renewal, prepared, finished } = COUNTED;
    const units = (what: "tableWriteUnits" | "tableReadUnits" | "objectWrites" | "objectReads" | "queueRequests"): number =>
      70 * call[what] +
      2 * rollout[what] +
      sample[what] +
      later * (continuation[what] + 17.5 * continuationCall[what]) +
      (worker / 10) * look[what] +
      (worker / 20) * renewal[what] +
      prepared[what] +
      finished[what];
    expect(usd.table).toBeCloseTo(units("tableWriteUnits") * 0.625e-6 + units("tableReadUnits") * 0.125e-6, 9);
    expect(usd.objects).toBeCloseTo(units("objectWrites") * 5e-6 + units("objectReads") * 0.4e-6, 9);
    // Lambda receives and deletes each message.
    expect(usd.queues).toBeCloseTo((units("queueRequests") + 2 * (1 + later)) * 0.4e-6, 9);
    expect(usd.preparing).toBeCloseTo(0.01 * (3538 / 1024) * 0.0000133334, 12);
    expect(usd.finishing).toBeCloseTo(0.2 * (1769 / 1024) * 0.0000133334, 12);
    expect(Object.values(usd).reduce((sum, part) => sum + part, 0)).toBeLessThanOrEqual(0.02);
  });

  test("with the counts as they are: 8 write units and two objects a call", () => {
    const twice = orchestrationUsd({ ...TWO_OF_TEN_MINUTES, rolloutCalls: 140 }, { ...SMALL, own: NONE });
    const once = orchestrationUsd(TWO_OF_TEN_MINUTES, { ...SMALL, own: NONE });
    expect(twice.table - once.table).toBeCloseTo(70 * (8 * 0.625e-6 + 1 * 0.125e-6), 9);
    // 1.708 tasks that go on read 17.5 calls more each, two objects a call.
    expect(twice.objects - once.objects).toBeCloseTo(70 * 2 * 5e-6 + (1230 / 720) * 17.5 * 2 * 0.4e-6, 9);
    expect(twice.workers).toBe(once.workers);
  });

  test("grows with the machine, its start and its bursts", () => {
    const plain = { ...SMALL, own: NONE };
    const { machines, workers } = orchestrationUsd(TWO_OF_TEN_MINUTES, plain);
    expect(orchestrationUsd(TWO_OF_TEN_MINUTES, { ...plain, machineMib: 2048 }).machines).toBeCloseTo(4 * machines, 9);
    expect(orchestrationUsd(TWO_OF_TEN_MINUTES, { ...plain, burstShare: 1 }).machines).toBeCloseTo(2 * machines, 9);
    // Two rollouts, and 1,230 / 720 tasks that go on with one.
    const startSeconds = 12 * (2 + 1230 / 720);
    const slow = orchestrationUsd(TWO_OF_TEN_MINUTES, { ...plain, machineStartSeconds: 12 });
    expect(slow.machines).toBeCloseTo((machines * (1200 + startSeconds)) / 1200, 9);
    expect(slow.workers - workers).toBeCloseTo(startSeconds * 0.25 * 0.0000133334, 9);
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
    // 35 calls of 7.5 s, 2.01 rollouts of them, and two long answers, after which no command comes.
    expect(secondsPerSample.likely).toBeCloseTo(35 * 7.5 * 2.01 + (1.02 + 0.99) * 1.02 * 16, 0);
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
