import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { startHarness, type Harness } from "../../microvm/harness.ts";
import { describeSandbox } from "./sandbox-suite.ts";

// Each machine is two processes of Node's, and a test may need dozens of machines.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const detection = await detectBubblewrap();

/** Through the driver, AWS's own client, a fake of the service over HTTP, and the real tool server in a process a machine. */
describe.skipIf(!detection.available)("drivers", () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(async () => {
    await harness.stop();
  });

  describeSandbox("microvm", async () => harness.provider(), { processes: true, rawPaths: true, editSequences: 5 });

  test("every request kept the rules, and every machine was ended by its owner", () => {
    expect(harness.api.violations).toEqual([]);
    expect(harness.api.machines().length).toBeGreaterThan(10);
    expect(new Set(harness.api.machines().map(({ stateReason }) => stateReason))).toEqual(new Set(["terminated by its owner"]));
  });
});
