import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { startHarness, type Harness } from "../../tenant/harness.ts";
import { describeSandbox } from "../sandbox/sandbox-suite.ts";

// Each environment is a process of Node's, and a test may need dozens of them.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const detection = await detectBubblewrap();

/** Through the driver, AWS's own client, a fake of the service over HTTP, and the function's bundle in a process an environment. */
describe.skipIf(!detection.available)("drivers", () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(async () => {
    await harness.stop();
  });

  describeSandbox("tenant-lambda", async () => harness.provider(), { processes: true, rawPaths: true, editSequences: 5 });

  test("every event kept the rules, no tenant was used twice, and every environment was left empty", () => {
    const { lambda } = harness;
    const tenants = lambda.tenants();
    expect(lambda.violations).toEqual([]);
    expect(tenants.length).toBeGreaterThan(10);
    expect(new Set(tenants).size).toBe(tenants.length);
    expect(lambda.running()).toEqual([]);
  });
});
