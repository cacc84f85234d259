import { describe, expect, test } from "vitest";
import { simulate, type SimulationOptions, type SimulationReport } from "../simulation/simulate.ts";
import { HELD_MICRO_USD } from "../simulation/simulated-run.ts";

const sizes = { samples: 150, workers: 40, concurrency: 25, deathShare: 0.08, duplicateShare: 0.08 };

const samplesIn = ({ counts }: SimulationReport, ...states: readonly string[]): number =>
  counts.filter(({ state }) => states.includes(state)).reduce((sum, { samples }) => sum + samples, 0);

/** What must hold after every run, however much went wrong. */
function expectSound(report: SimulationReport): void {
  expect(report.reopened).toBe(0);
  expect(report.paid.repeated).toBe(0);
  expect(report.paid.answered).toBeGreaterThanOrEqual(report.paid.journaled);
  expect(report.workers.errors).toEqual({});
  expect(report.mostAtOnce).toBeLessThanOrEqual(sizes.concurrency);
}

describe("a run of which workers die and get their tasks twice", () => {
  test.each([1, 2])("one result a sample, no paid call again, every micro-dollar accounted for (seed %i)", async (seed) => {
    const report = await simulate({ ...sizes, seed });
    expectSound(report);
    expect(report.onceFinished).toBe(sizes.samples);
    expect(samplesIn(report, "accepted", "rejected", "failed")).toBe(sizes.samples);
    // One has a text that no record can hold.
    expect(samplesIn(report, "failed")).toBeGreaterThan(0);
    expect(samplesIn(report, "failed")).toBeLessThanOrEqual(report.deadLetters + 1);
    expect(report.spend).toMatchObject({ settledCalls: report.paid.journaled, settledMicroUsd: report.journaledMicroUsd });
    expect(report.samplesMicroUsd).toBe(report.journaledMicroUsd);
    // A call that was under way when its sample's last worker died may have been billed: its reservation stands for it.
    expect(report.spend.reservedCalls).toBeLessThanOrEqual(report.deadLetters);
    expect(report.finishTasks).toBeGreaterThan(0);
    expect(report.workers.deaths).toBeGreaterThan(0);
    expect(report.workers.duplicates).toBeGreaterThan(0);
    expect(report.transactionConflicts).toBeGreaterThan(0);
    expect(report.traffic.busiestByUnits.perSecond).toBeLessThan(1000);
  });

  test.each([0.02, 0.3])("a budget that is not enough pauses it, and is kept (%f of it)", async (budgetShare) => {
    const report = await simulate({ ...sizes, seed: 4, budgetShare });
    expectSound(report);
    const { settledMicroUsd, reservedMicroUsd, budgetMicroUsd } = report.spend;
    expect(report.runState).toBe("paused");
    expect(settledMicroUsd + reservedMicroUsd).toBeLessThanOrEqual(budgetMicroUsd!);
    // Replies that died between journal and ledger are settled when the run goes on; until then their reservation stands for them.
    expect(report.journaledMicroUsd).toBeLessThanOrEqual(settledMicroUsd + reservedMicroUsd);
    // It did not stop early: what is left now is what the calls that were in flight then gave back.
    expect(budgetMicroUsd! - settledMicroUsd - reservedMicroUsd).toBeLessThan(sizes.concurrency * HELD_MICRO_USD);
    expect(report.onceFinished).toBe(samplesIn(report, "accepted", "rejected", "failed"));
  });

  test.each([1, 7, 30])("%i samples are worked on where the teacher bears so many, and never more", async (concurrency) => {
    const report = await simulate({ samples: 80, workers: 30, deathShare: 0, duplicateShare: 0, seed: 3, concurrency });
    expect(report.onceFinished).toBe(80);
    expect(report.mostAtOnce).toBe(concurrency);
  });

  test("the same seed gives the same run", async () => {
    const options: SimulationOptions = { ...sizes, samples: 60, workers: 20, seed: 5 };
    expect(await simulate(options)).toEqual(await simulate(options));
  });
});
