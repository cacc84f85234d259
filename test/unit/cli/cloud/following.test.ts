import { describe, expect, it } from "vitest";
import { again, checkPlace } from "../../../../cli/cloud/flags.ts";
import { stageOf } from "../../../../cli/cloud/stage.ts";
import { EMPTY_TALLY, samplesPerMinute, tallied, talliedSummary } from "../../../../cli/progress/tally.ts";
import type { CloudRun } from "../../../../cli/platform/cloud.ts";
import { runSummary } from "../run-summary.ts";

describe("what a run is at, from outside", () => {
  const at = (run: Partial<CloudRun>): string =>
    stageOf({ state: "preparing", sandbox: null, functions: 0, planned: 0, done: 0, ...run } as CloudRun);

  it("goes from snapshot to export", () => {
    expect(at({})).toBe("snapshot");
    expect(at({ sandbox: "microvm" })).toBe("survey");
    expect(at({ sandbox: "microvm", functions: 9 })).toBe("plan");
    expect(at({ state: "running", planned: 3, done: 1 })).toBe("rollouts");
    expect(at({ state: "running", planned: 3, done: 3 })).toBe("export");
  });
});

describe("progress of a run that is only looked at", () => {
  const look = (done: number) => runSummary({ planned: 100, done, accepted: done, rejected: 0, failed: 0 });

  it("counts what was finished between two looks as finished then", () => {
    const first = talliedSummary(EMPTY_TALLY, look(40), 0);
    expect(first).toMatchObject({ planned: 100, accepted: 40, sampleTimes: [] });
    const second = talliedSummary(first, look(50), 30_000);
    expect(second.sampleTimes).toHaveLength(10);
    const third = talliedSummary(second, look(60), 60_000);
    expect(samplesPerMinute(third, 0, 60_000)).toBe(20);
    expect(talliedSummary(third, look(55), 61_000).sampleTimes).toHaveLength(20);
    expect(talliedSummary(third, look(60), 400_000).sampleTimes).toEqual([]);
  });

  it("keeps the stage", () => {
    const staged = tallied(EMPTY_TALLY, { event: "stage", stage: "rollouts" }, 0);
    expect(talliedSummary(staged, look(1), 1)).toMatchObject({ stage: "rollouts", accepted: 1 });
  });
});

describe("flags of the cloud", () => {
  it("mean something in their place alone", () => {
    expect(() => checkPlace({ api: "x" }, [])).toThrow(/--api means nothing without --cloud/);
    expect(() => checkPlace({ cloudKeyEnv: "x" }, [])).toThrow(/--cloud-key-env means nothing without/);
    expect(() => checkPlace({ detach: true }, [], ["--detach"])).toThrow(/--detach means nothing without/);
    expect(() => checkPlace({ cloud: true, home: "x" }, ["--home"])).toThrow(/--home means nothing with --cloud/);
    expect(() => checkPlace({ cloud: true, api: "x" }, ["--home"])).not.toThrow();
  });

  it("are repeated in the next command", () => {
    expect(again({ cloud: true })).toBe(" --cloud");
    expect(again({ cloud: true, api: "https://a", cloudKeyEnv: "K" })).toBe(" --cloud --api https://a --cloud-key-env K");
  });
});
